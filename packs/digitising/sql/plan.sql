SELECT
  b.id AS kind,
  b.title AS title,
  b.organ AS organ,
  b.volumes AS volumes,
  b.pages AS pages,
  COUNT(p.id) AS batches
FROM digitising.backlog AS b
LEFT JOIN digitising.batches AS p
  ON p.kind = b.id
GROUP BY b.id, b.title, b.organ, b.volumes, b.pages
