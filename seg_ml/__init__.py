"""Mail judged by signatures and a transformer: the library that notebooks, training, serving and gateway share."""
