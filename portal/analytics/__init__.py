"""What the managers look at: figures about the portal, each with the rows it counted.

It only asks. Nothing in the house imports it except the addresses, so it can be deleted.
"""
