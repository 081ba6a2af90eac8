"""What the invented colleagues of Linden have made in Amity: audiences, personas, metrics, a dashboard, funnels and maps of journeys."""
