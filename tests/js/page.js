/** A page for the modules that look at it when they are loaded; each test puts into it what it is about. */

import { Window } from "happy-dom";

const window = new Window({ url: "http://localhost/" });
const names = ["document", "Node", "Element", "HTMLElement", "HTMLInputElement", "HTMLSelectElement"];
for (const name of names) Object.assign(globalThis, { [name]: Reflect.get(window, name) });
