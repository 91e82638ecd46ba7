"""The sandbox as a page: be the salesperson, the IT approver and the attacker, in a browser."""
