"""What the doctor looks at, one thought a file; each check is a function of the visit."""
