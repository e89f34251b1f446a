"""What every service needs to keep its data: a unit of work, creation that happens once, and pages of lists."""
