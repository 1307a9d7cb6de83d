SELECT
  d.id AS id,
  d.name AS name,
  d.builder AS builder,
  d.division AS division,
  d.lon AS lon,
  d.lat AS lat
FROM construction_dust.sites AS d
