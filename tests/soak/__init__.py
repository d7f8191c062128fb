"""The oracle soak: real processes under random faults, and a judge that knows what must arrive."""
