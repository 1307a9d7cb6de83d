"""Services: what people may ask for, and what they get without asking.

Items are what an organ does on request. Policies judge the whole population by rule; whoever is
entitled is confirmed in a case, and the decision issues the record and the line of the payment
list in the same transaction.
"""
