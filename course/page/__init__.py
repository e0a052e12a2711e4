"""What a lab's page needs: the panel of progress, check cells, prediction cards, a run, forbidden names."""
