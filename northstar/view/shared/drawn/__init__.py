"""Draw a chart's figure without plotly: for the first response, and as a picture."""
