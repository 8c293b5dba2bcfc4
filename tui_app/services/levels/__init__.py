"""How bad the epidemic is in the commune by each document: counted or typed in, judged, kept, and told again later."""
