SELECT
  r.id_number AS id_number,
  r.name AS name,
  r.sex AS sex,
  r.birth_on AS birth_on,
  r.division AS division,
  r.township AS township,
  r.household AS household,
  r.relation AS relation,
  r.is_alive AS is_alive,
  r.death_on AS death_on,
  h.household_size AS household_size,
  h.household_disabled AS household_disabled,
  h.household_assisted AS household_assisted,
  w.assistance AS assistance,
  w.monthly_amount AS assistance_amount,
  w.disability_category AS disability_category,
  w.disability_degree AS disability_degree,
  COALESCE(e.status, '无') AS employment,
  e.since AS employment_since,
  e.insured_months AS insured_months,
  CASE WHEN e.is_hard = '是' THEN TRUE ELSE FALSE END AS is_hard_to_employ,
  COALESCE(i.kind, '无') AS insurance,
  i.months AS pension_months,
  COALESCE(s.stage, '无') AS school_stage,
  s.since AS enrolled_on,
  COALESCE(v.kind, '无') AS veteran_kind,
  v.service_years AS service_years,
  v.injury_grade AS injury_grade,
  COALESCE(f.kind, '无') AS family_kind,
  COALESCE(g.kind, '无') AS guardianship,
  COALESCE(b.births, 0) AS births,
  b.last_birth_on AS last_birth_on,
  COALESCE(o.kind, '无') AS housing_kind,
  o.floor_area AS floor_area,
  a.account AS account,
  a.status AS account_status
FROM base.resident AS r
LEFT JOIN (
  SELECT
    m.household AS household,
    COUNT(*) AS household_size,
    SUM(CASE WHEN c.disability_degree IS NOT NULL THEN 1 ELSE 0 END) AS household_disabled,
    SUM(CASE WHEN c.assistance IN ('01', '02', '03') THEN 1 ELSE 0 END) AS household_assisted
  FROM base.resident AS m
  LEFT JOIN base.welfare AS c
    ON c.id_number = m.id_number
  WHERE m.is_alive
  GROUP BY m.household
) AS h
  ON h.household = r.household
LEFT JOIN base.welfare AS w
  ON w.id_number = r.id_number
LEFT JOIN benefits.employment AS e
  ON UPPER(e.id_number) = r.id_number
LEFT JOIN benefits.insurance AS i
  ON UPPER(i.id_number) = r.id_number
LEFT JOIN benefits.enrolment AS s
  ON UPPER(s.id_number) = r.id_number
LEFT JOIN benefits.veteran AS v
  ON UPPER(v.id_number) = r.id_number
LEFT JOIN benefits.family AS f
  ON UPPER(f.id_number) = r.id_number
LEFT JOIN benefits.guardianship AS g
  ON UPPER(g.id_number) = r.id_number
LEFT JOIN (
  SELECT UPPER(mother) AS mother, COUNT(*) AS births, MAX(born_on) AS last_birth_on
  FROM benefits.birth
  GROUP BY UPPER(mother)
) AS b
  ON b.mother = r.id_number
LEFT JOIN benefits.housing AS o
  ON UPPER(o.id_number) = r.id_number
LEFT JOIN base.account AS a
  ON a.id_number = r.id_number
