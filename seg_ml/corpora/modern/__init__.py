"""Modern mail of our own making: letters from templates, sent by senders that are who they say they are, or not.

A letter (what is written) and its sender (who is proven to have sent it, and where its links really go) are
made apart, so that the same letter can be sent twice: by the company that it names, and by a stranger.
"""
