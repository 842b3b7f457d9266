"""The local engine: reads a page by what stands around each number, with no network and no key."""
