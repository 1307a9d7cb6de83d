SELECT
  e.stage AS stage,
  COUNT(*) AS pupils
FROM benefits.enrolment AS e
GROUP BY e.stage
HAVING COUNT(*) >= 10
