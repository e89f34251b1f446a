"""`make models`: which models a deployment offers, which it does not and why, and what will change soon."""
