"""OGC API – Features and Tiles over our layers, through pygeoapi's core (decision 14)."""
