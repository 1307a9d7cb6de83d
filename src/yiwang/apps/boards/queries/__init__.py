"""What boards tell, one noun a module."""
