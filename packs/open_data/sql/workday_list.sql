SELECT
  w.day AS day,
  w.kind AS kind,
  w.name AS name,
  w.source AS source
FROM base.workdays AS w
