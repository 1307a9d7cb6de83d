"""What changes what is known of subjects: numbers linked or set apart, sources reconciled."""
