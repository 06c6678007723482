"""Parts shared by all pages: ids, notation, header, colours, HTML."""
