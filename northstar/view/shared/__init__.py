"""What all pages share: ids, notation, header, colours, HTML."""
