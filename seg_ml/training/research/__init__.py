"""Tables and pictures of the notebooks: what is looked at while a model is thought about, and nothing that trains one."""
