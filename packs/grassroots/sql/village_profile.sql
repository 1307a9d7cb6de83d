SELECT
  r.division AS division,
  COUNT(*) AS people,
  SUM(CASE WHEN r.sex = '1' THEN 1 ELSE 0 END) AS men,
  SUM(CASE WHEN r.sex = '2' THEN 1 ELSE 0 END) AS women,
  COUNT(DISTINCT r.household) AS households,
  SUM(CASE WHEN r.birth_on > b.born_6 THEN 1 ELSE 0 END) AS under_6,
  SUM(CASE WHEN r.birth_on > b.born_18 THEN 1 ELSE 0 END) AS under_18,
  SUM(CASE WHEN r.birth_on <= b.born_16 AND r.birth_on > b.born_60 THEN 1 ELSE 0 END) AS aged_16_to_59,
  SUM(CASE WHEN r.birth_on <= b.born_60 THEN 1 ELSE 0 END) AS aged_60,
  SUM(CASE WHEN r.birth_on <= b.born_65 THEN 1 ELSE 0 END) AS aged_65,
  SUM(CASE WHEN r.birth_on <= b.born_80 THEN 1 ELSE 0 END) AS aged_80,
  SUM(CASE WHEN r.birth_on <= b.born_60 AND r.household_size = 1 THEN 1 ELSE 0 END) AS aged_alone,
  SUM(CASE WHEN r.assistance = '01' THEN 1 ELSE 0 END) AS allowance_people,
  SUM(CASE WHEN r.assistance = '02' THEN 1 ELSE 0 END) AS support_people,
  SUM(CASE WHEN r.assistance = '03' THEN 1 ELSE 0 END) AS marginal_people,
  SUM(CASE WHEN r.disability_degree IS NOT NULL THEN 1 ELSE 0 END) AS disabled,
  SUM(CASE WHEN r.disability_degree IN ('1', '2') THEN 1 ELSE 0 END) AS severely_disabled,
  SUM(CASE WHEN r.is_hard_to_employ THEN 1 ELSE 0 END) AS hard_to_employ,
  SUM(CASE WHEN r.insurance <> '无' THEN 1 ELSE 0 END) AS pension_insured,
  SUM(CASE WHEN r.school_stage <> '无' THEN 1 ELSE 0 END) AS pupils,
  SUM(CASE WHEN r.veteran_kind <> '无' THEN 1 ELSE 0 END) AS veterans,
  SUM(CASE WHEN r.guardianship <> '无' THEN 1 ELSE 0 END) AS children_in_need,
  SUM(CASE WHEN r.account_status = '1' THEN 1 ELSE 0 END) AS accounts
FROM benefits.person AS r
JOIN grassroots.age_bound AS b
  ON b.id = 'current'
WHERE r.is_alive
GROUP BY r.division
HAVING COUNT(*) >= 3
