"""`python -m tests.engines.new_database`: makes the empty database that `AMITY_PRESENT_URL` names, as its administrator would."""

from amity.config.serving.prepare import create_database
from amity.engines.addresses import addresses

if __name__ == "__main__":
    create_database(addresses().present)
