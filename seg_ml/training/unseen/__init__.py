"""How models fare on mail unlike what they learned from: corpora left out, later years, the identity turned round."""
