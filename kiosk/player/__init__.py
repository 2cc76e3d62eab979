"""What is on the glass. Qt only: no rule, no network."""
