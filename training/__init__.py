"""Fits what the package weighs by documents whose truth is known; not part of the package."""
