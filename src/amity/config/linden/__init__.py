"""What the invented colleagues of Linden have made in Amity: audiences, personas, metrics, a dashboard, funnels, maps of journeys, and the incident that they told."""
