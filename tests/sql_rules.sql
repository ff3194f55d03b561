-- The platform's business rules as PostgreSQL, one statement a rule (or a part of one): each gives
-- the rows that break it, and must give none.  Written from the wording of the rules in the
-- platform's domain model, not from this project's code, so that two readings of them meet.
--
-- A statement follows its header: “-- R<rule>[.<part>] <what must hold>”.  Where the header ends in
-- “(each)” the statement gives statements, one for each table or column it is about.
-- The session's time zone is UTC; the last day known is current_setting('rules.as_of').
--
-- What SQL over one bundle cannot say, and why:
--   6, 8     NOT NULL, CHECK and the types of the dump say them; a row that breaks one is not loaded.
--   7        the dump's foreign keys say it; only pairs of a type and a key are looked at below.
--   10, 13   that two rows are one human who gives other numbers is not in the data; equal ones are.
--   16       that a ZIP code lies in its state needs the list of ZIP codes; one address is looked at.
--   17       campaigns have no members in the tables, only counts; consent is looked at.
--   26       the states' own taxes need their tables; states without one and FICA are looked at.
--   30       commissions fall into the period of the posting, whose borders are the run's; summed.
--   32       which VDS stands for which trim is the maker's own; make, year and WMI are looked at.
--   58, 67, 93  are ways through a diagram: R106.3 looks at all of them together.
--   55       the thresholds of dealers are in no table.
--   81       estimates within a quarter are looked at over all orders, not for each.
--   84, 94   rates that rise with age: of a distribution, not of a row (tests/test_realism_people.py).
--   96       subscriptions are billed outside these tables but for R65; days of a month are prorated.
--   102      distance between pulses needs the globe; speeds, levels and pressures are looked at.
--   105      a fraction of alerts: of a distribution; that an appointment follows its alert is looked at.
--   110      about 5 %: of a distribution; looked at with a wide bound.

-- R1 Keys are 5 to 50 characters long (each)
SELECT format('SELECT %1$I FROM %2$I WHERE length(%1$I) NOT BETWEEN 5 AND 50', a.attname, c.relname)
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
WHERE k.contype = 'p';

-- R1.2 Every table has a key
SELECT c.relname FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
WHERE c.relkind = 'r'
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'p');

-- R2 A VIN is 17 characters of A-H, J-N, P, R-Z, 0-9
SELECT vin FROM vehicle WHERE vin !~ '^[A-HJ-NPR-Z0-9]{17}$';

-- R2.2 The ninth character of a VIN is its check digit
WITH read AS (
  SELECT vin, sum(
    translate(substr(vin, place, 1), 'ABCDEFGHJKLMNPRSTUVWXYZ', '12345678123457923456789')::int
    * (ARRAY[8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2])[place]) % 11 AS rest
  FROM vehicle, generate_series(1, 17) AS place GROUP BY vin)
SELECT vin FROM read
WHERE substr(vin, 9, 1) <> CASE rest WHEN 10 THEN 'X' ELSE rest::text END;

-- R2.3 The tenth character of a VIN is the code of its model year
SELECT vin, model_year FROM vehicle JOIN vehicle_specification USING (vehicle_specification_key)
WHERE substr(vin, 10, 1)
  <> substr('ABCDEFGHJKLMNPRSTVWXY123456789', ((model_year - 1980) % 30)::int + 1, 1);

-- R3 No two vehicles have one VIN
SELECT vin FROM vehicle GROUP BY vin HAVING count(*) > 1;

-- R4 Moments are moments with a zone, days are days
SELECT table_name, column_name, data_type FROM information_schema.columns
WHERE table_schema = 'public' AND (
  column_name LIKE '%\_date\_time' AND data_type <> 'timestamp with time zone'
  OR column_name LIKE '%\_date' AND data_type <> 'date');

-- R5 Money has two decimals and is no float
SELECT table_name, column_name, numeric_scale FROM information_schema.columns
WHERE table_schema = 'public' AND data_type <> 'boolean'
  AND column_name ~ '(_amount|_total|_price|_value|_pay|_tax|_earnings|_taxes|_charge|_cost|msrp)$'
  AND column_name !~ '(^communication|rate|score)' AND column_name NOT IN ('score_value')
  AND table_name NOT IN ('communication_channel')
  AND (data_type <> 'numeric' OR numeric_scale <> 2);

-- R5.2 A bill says its currency
SELECT invoice_key, currency_code FROM invoice WHERE currency_code !~ '^[A-Z]{3}$';

-- R7 The source of a bill exists
SELECT invoice_key, source_resource_type, source_resource_key FROM invoice
WHERE source_resource_key NOT IN (
  SELECT deal_key FROM deal UNION ALL SELECT repair_order_key FROM repair_order
  UNION ALL SELECT subscription_agreement_key FROM subscription_agreement
  UNION ALL SELECT part_order_key FROM part_order);

-- R7.2 The source of a journal exists
SELECT journal_entry_transaction_key, context, source_key FROM journal_entry_transaction
WHERE source_key NOT IN (
  SELECT invoice_key FROM invoice UNION ALL SELECT payment_key FROM payment
  UNION ALL SELECT payroll_run_key FROM payroll_run
  UNION ALL SELECT deal_incentive_key FROM deal_incentive
  UNION ALL SELECT warranty_claim_key FROM warranty_claim
  UNION ALL SELECT deal_key FROM deal UNION ALL SELECT repair_order_key FROM repair_order
  UNION ALL SELECT subscription_agreement_key FROM subscription_agreement
  UNION ALL SELECT part_order_key FROM part_order
  UNION ALL SELECT inventory_vehicle_key FROM inventory_vehicle
  UNION ALL SELECT trade_in_vehicle_key FROM trade_in_vehicle
  UNION ALL SELECT shipment_key FROM shipment)
AND NOT (context IN ('OPENING_BALANCE', 'FLOORPLAN_INTEREST')  -- of no document, but of a dealer
  AND source_key IN (SELECT dealer_key FROM dealer));

-- R9 A part number is its manufacturer's once
SELECT manufacturer, part_number FROM part_master GROUP BY 1, 2 HAVING count(*) > 1;

-- R9.2 An operation's code has one row at a time
SELECT a.operation_code FROM labor_operation a JOIN labor_operation b
  ON a.operation_code = b.operation_code AND a.labor_operation_key < b.labor_operation_key
WHERE tstzrange(a.start_date_time, a.complete_date_time)
  && tstzrange(b.start_date_time, b.complete_date_time);

-- R9.3 A dealer's code is its own
SELECT dealer_bac FROM dealer GROUP BY 1 HAVING count(*) > 1;

-- R9.4 The number of a bill is its dealer's once
SELECT dealer_key, invoice_number FROM invoice GROUP BY 1, 2 HAVING count(*) > 1;

-- R9.5 The number of a claim is its own
SELECT claim_number FROM warranty_claim GROUP BY 1 HAVING count(*) > 1;

-- R9.6 The number of an employee is its own
SELECT employee_key FROM staff_member GROUP BY 1 HAVING count(*) > 1;

-- R9.7 A stock number is its dealer's once
SELECT dealer_key, stock_number FROM inventory_vehicle GROUP BY 1, 2 HAVING count(*) > 1;

-- R10 A party is a customer once
SELECT party_key FROM customer GROUP BY 1 HAVING count(*) > 1;

-- R11 Individuals have names and a birth date, and are no organisation
SELECT party_key FROM party
WHERE party_status_type <> 'PURGED' AND NOT org_indicator
  AND (given_name IS NULL OR family_name IS NULL OR birth_date IS NULL);

-- R11.2 Organisations have a tax number and no birth date or social security number
SELECT party_key FROM party
WHERE party_status_type <> 'PURGED' AND org_indicator
  AND (tax_id IS NULL OR birth_date IS NOT NULL OR ssn IS NOT NULL);

-- R12 Who buys is 18
SELECT deal_key FROM deal JOIN customer USING (customer_key) JOIN party USING (party_key)
WHERE birth_date + interval '18 years' > deal.occurrence_date_time;

-- R12.2 Who is hired is 18
SELECT staff_member_key FROM staff_member JOIN party USING (party_key)
WHERE birth_date + interval '18 years' > hire_date;

-- R13 No two active parties have one social security number
SELECT ssn FROM party WHERE party_status_type = 'ACTIVE' AND ssn IS NOT NULL
GROUP BY 1 HAVING count(*) > 1;

-- R13.2 No two active parties have one name, birth date and preferred ZIP code
SELECT full_name, birth_date, postal_code FROM party JOIN party_address USING (party_key)
WHERE party_status_type = 'ACTIVE' AND NOT org_indicator AND preferred_indicator
  AND complete_date_time IS NULL
GROUP BY 1, 2, 3 HAVING count(*) > 1;

-- R13.3 Merged parties, and only they, point at an active one
SELECT a.party_key FROM party a LEFT JOIN party b ON b.party_key = a.merged_into_party_key
WHERE (a.party_status_type = 'MERGED') <> (a.merged_into_party_key IS NOT NULL)
  OR b.party_status_type <> 'ACTIVE';

-- R14 Only active parties buy, ask, bring cars and subscribe
WITH begun AS (
  SELECT customer_key, occurrence_date_time AS at FROM deal
  UNION ALL SELECT customer_key, create_date_time FROM sales_lead
  UNION ALL SELECT customer_key, opened_date_time FROM repair_order
  UNION ALL SELECT customer_key, start_date::timestamptz FROM subscription_agreement)
SELECT party_key, at, party_status_type FROM begun
JOIN customer USING (customer_key) JOIN party USING (party_key) LEFT JOIN (
  SELECT resource_key, min(transition_date_time) AS gone FROM lifecycle_status_event
  WHERE transition_from = 'ACTIVE' GROUP BY 1) AS left_active ON resource_key = party_key
WHERE party_status_type <> 'ACTIVE' AND at >= coalesce(gone, '-infinity');

-- R15 Of purged parties only keys are kept
SELECT party_key FROM party WHERE party_status_type = 'PURGED' AND coalesce(
  given_name, family_name, ssn, driver_license_number, tax_id, email_address, phone_number,
  birth_date::text) IS NOT NULL;

-- R16 A party has one preferred address that holds
SELECT party_key, count(*) FROM party_address
WHERE preferred_indicator AND complete_date_time IS NULL GROUP BY 1 HAVING count(*) <> 1;

-- R16.2 A ZIP code lies in one state
SELECT postal_code FROM party_address GROUP BY 1 HAVING count(DISTINCT state) > 1;

-- R17 Who opted out has given no leave to market
SELECT communication_channel_key FROM communication_channel
WHERE last_communication_status_type::text = 'OPTED_OUT' AND marketing_authorized_indicator;

-- R18 Who is employed has exactly one current personnel record
SELECT staff_member_key FROM staff_member LEFT JOIN personnel_record USING (staff_member_key)
WHERE termination_date IS NULL
GROUP BY 1 HAVING count(personnel_record_key) FILTER (WHERE complete_date_time IS NULL) <> 1;

-- R19 Hired before gone, known before hired
SELECT staff_member_key FROM staff_member JOIN party USING (party_key)
WHERE hire_date > termination_date OR occurrence_date_time::date > hire_date;

-- R20 Who acts is employed then
WITH acted AS (
  SELECT salesperson_staff_member_key AS who, occurrence_date_time AS at FROM deal
  UNION ALL SELECT salesperson_staff_member_key, contract_date_time FROM deal
  UNION ALL SELECT fi_manager_staff_member_key, contract_date_time FROM deal
  UNION ALL SELECT advisor_staff_member_key, opened_date_time FROM repair_order
  UNION ALL SELECT technician_staff_member_key, opened_date_time
    FROM repair_order_line JOIN repair_order USING (repair_order_key)
  UNION ALL SELECT advisor_staff_member_key, booked_date_time FROM service_appointment
  UNION ALL SELECT assigned_staff_member_key, create_date_time FROM sales_lead
  UNION ALL SELECT ordered_by_staff_member_key, create_date_time FROM part_order
  UNION ALL SELECT actor_staff_member_key, occurrence_date_time FROM sales_event
  UNION ALL SELECT actor_staff_member_key, transition_date_time FROM lifecycle_status_event)
SELECT who, at FROM acted JOIN staff_member ON staff_member_key = who
WHERE at::date NOT BETWEEN hire_date AND coalesce(termination_date, 'infinity');

-- R21 Deals are sold by sellers and financed by finance managers of the dealer
SELECT deal_key, s.role_type, f.role_type FROM deal d
JOIN staff_member s ON s.staff_member_key = d.salesperson_staff_member_key
LEFT JOIN staff_member f ON f.staff_member_key = d.fi_manager_staff_member_key
WHERE s.role_type NOT IN ('SALES_ASSOC', 'SALES_MGR', 'CLOSING_MGR') OR f.role_type <> 'FI_MGR'
  OR s.dealer_key <> d.dealer_key OR f.dealer_key <> d.dealer_key;

-- R21.2 Advisors advise, at their own dealer
SELECT repair_order_key, role_type FROM repair_order r
JOIN staff_member s ON s.staff_member_key = r.advisor_staff_member_key
WHERE role_type NOT IN ('SERVICE_ADVISOR', 'ADVISOR') OR s.dealer_key <> r.dealer_key;

-- R21.3 Technicians repair, at their own dealer
SELECT repair_order_line_key, role_type FROM repair_order_line JOIN repair_order r
  USING (repair_order_key) JOIN staff_member s ON s.staff_member_key = technician_staff_member_key
WHERE role_type NOT IN ('SERVICE_TECH', 'TECHNICIAN', 'PRIMARY_TECHNICIAN')
  OR s.dealer_key <> r.dealer_key;

-- R22 Managers lead up to the general manager of the dealer, without a circle
WITH RECURSIVE up AS (
  SELECT staff_member_key AS who, staff_member_key AS at, 0 AS steps FROM staff_member
  UNION ALL SELECT who, manager_key, steps + 1 FROM up JOIN staff_member ON staff_member_key = at
  WHERE manager_key IS NOT NULL AND steps < 20),
top AS (SELECT DISTINCT ON (who) who, at, steps FROM up ORDER BY who, steps DESC)
SELECT who FROM top JOIN staff_member s ON s.staff_member_key = who
JOIN staff_member t ON t.staff_member_key = at
WHERE t.role_type <> 'GEN_MGR' OR steps >= 20 OR s.dealer_key <> t.dealer_key;

-- R23 Records of one employee neither overlap nor leave a gap
WITH turn AS (
  SELECT staff_member_key, start_date_time, complete_date_time, lead(start_date_time) OVER (
    PARTITION BY staff_member_key ORDER BY start_date_time) AS next FROM personnel_record)
SELECT * FROM turn WHERE next IS DISTINCT FROM complete_date_time AND next IS NOT NULL;

-- R24 Gross pay is the sum of what was earned
SELECT pay_stub_key FROM payroll_stub WHERE gross_pay
  <> regular_earnings + overtime_earnings + commission_earnings + bonus_earnings;

-- R24.2 The hourly paid get one and a half for overtime
SELECT pay_stub_key FROM payroll_stub p JOIN personnel_record r
  ON r.staff_member_key = p.staff_member_key AND p.pay_period_end_date >= r.start_date_time::date
  AND p.pay_period_end_date < coalesce(r.complete_date_time::date, 'infinity')
WHERE pay_basis = 'HOURLY' AND abs(overtime_earnings - overtime_hours * hourly_rate * 1.5) > 0.02;

-- R25 Net pay is gross pay less taxes and deductions, and not below nothing
SELECT pay_stub_key FROM payroll_stub
WHERE total_taxes <> federal_tax + state_tax + local_tax + social_security_tax + medicare_tax
  OR net_pay <> gross_pay - total_taxes - total_deductions OR net_pay < 0;

-- R26 Social security is 6.2 % at most, and Medicare at least 1.45 % of what is paid in taxed wages
SELECT pay_stub_key FROM payroll_stub
WHERE social_security_tax > gross_pay * 0.062 + 0.01 OR medicare_tax > gross_pay * 0.0235 + 0.01;

-- R26.2 States without an income tax take none
SELECT pay_stub_key FROM payroll_stub p JOIN staff_member USING (staff_member_key)
JOIN dealer d USING (dealer_key)
WHERE d.state IN ('AK', 'FL', 'NV', 'NH', 'SD', 'TN', 'TX', 'WA', 'WY') AND state_tax <> 0;

-- R27 Sums of the year begin in January and grow with every stub
WITH run AS (
  SELECT *, sum(gross_pay) OVER year AS gross, sum(net_pay) OVER year AS net,
    first_value(ytd_gross - gross_pay) OVER year AS before_gross,
    first_value(ytd_net - net_pay) OVER year AS before_net
  FROM payroll_stub
  WINDOW year AS (PARTITION BY staff_member_key, extract(year FROM pay_date)
    ORDER BY pay_date, pay_stub_key ROWS UNBOUNDED PRECEDING))
SELECT pay_stub_key FROM run
WHERE ytd_gross <> before_gross + gross OR ytd_net <> before_net + net OR before_gross < 0;

-- R28 The totals of a run are those of its stubs
SELECT payroll_run_key FROM payroll_run JOIN payroll_stub USING (payroll_run_key)
GROUP BY payroll_run_key HAVING gross_total <> sum(gross_pay) OR tax_total <> sum(total_taxes)
  OR deduction_total <> sum(total_deductions) OR net_total <> sum(net_pay);

-- R28.2 Who is employed in a run's period has one stub of it
SELECT payroll_run_key, s.staff_member_key FROM payroll_run r
JOIN staff_member s ON s.dealer_key = r.dealer_key AND s.hire_date <= r.period_end_date
  AND coalesce(s.termination_date, 'infinity') >= r.period_start_date
LEFT JOIN payroll_stub p USING (payroll_run_key, staff_member_key)
WHERE r.run_type = 'REGULAR' GROUP BY 1, 2 HAVING count(pay_stub_key) <> 1;

-- R28.3 Nobody else has one
SELECT pay_stub_key FROM payroll_stub JOIN payroll_run r USING (payroll_run_key)
JOIN staff_member s USING (staff_member_key)
WHERE s.dealer_key <> r.dealer_key OR s.hire_date > r.period_end_date
  OR s.termination_date < r.period_start_date;

-- R29 A period ends after it begins and is paid after it ended
SELECT payroll_run_key FROM payroll_run
WHERE period_start_date >= period_end_date OR period_end_date > pay_date;

-- R29.2 A stub has the period of its run
SELECT pay_stub_key FROM payroll_stub JOIN payroll_run USING (payroll_run_key)
WHERE pay_period_start_date <> period_start_date OR pay_period_end_date <> period_end_date;

-- R29.3 The regular periods of a dealer follow one another day by day
WITH turn AS (SELECT *, lead(period_start_date) OVER (
  PARTITION BY dealer_key ORDER BY period_start_date) AS next FROM payroll_run
  WHERE run_type = 'REGULAR')
SELECT payroll_run_key FROM turn WHERE next <> period_end_date + 1;

-- R30 Commissions paid over the year are those of the seller's posted deals, but for open periods
SELECT staff_member_key FROM payroll_stub JOIN staff_member USING (staff_member_key)
WHERE role_type = 'SALES_ASSOC' GROUP BY staff_member_key
HAVING sum(commission_earnings) > (SELECT coalesce(sum(commission_amount), 0) FROM deal
  WHERE salesperson_staff_member_key = staff_member_key AND post_date_time IS NOT NULL);

-- R31 A posted run has one journal, which balances gross pay with what it is paid into
SELECT payroll_run_key FROM payroll_run r
LEFT JOIN journal_entry_transaction t ON t.source_key = r.payroll_run_key
WHERE payroll_run_status_type IN ('POSTED', 'PAYMENT_SUBMITTED')
GROUP BY 1 HAVING count(t.source_key) <> 1;

-- R31.2 Its wages are debited to 6000 and its net pay credited to 2100
SELECT payroll_run_key FROM payroll_run
JOIN journal_entry_transaction t ON t.source_key = payroll_run_key
JOIN journal_entry e ON e.journal_entry_transaction_key = t.journal_entry_transaction_key
GROUP BY payroll_run_key
HAVING sum(amount) FILTER (WHERE journal_type = 'DEBIT'
    AND general_ledger_account_key ~ '60(00|50)$') <> gross_total
  OR sum(amount) FILTER (WHERE journal_type = 'CREDIT'
    AND general_ledger_account_key ~ '2100$') <> net_total;

-- R32 A car is made in its model year or the year before
SELECT vehicle_key FROM vehicle JOIN vehicle_specification USING (vehicle_specification_key)
WHERE production_date NOT BETWEEN make_date(model_year::int - 1, 1, 1)
  AND make_date(model_year::int, 12, 31);

-- R32.2 A VIN begins with the maker's code and the model's
SELECT vin, vin_wmi, vin_vds FROM vehicle JOIN vehicle_specification USING (vehicle_specification_key)
WHERE left(vin, 3) <> vin_wmi OR substr(vin, 4, length(vin_vds)) <> vin_vds;

-- R33 Electric cars have no cylinders and take electricity
SELECT vehicle_specification_key FROM vehicle_specification WHERE power_train_type = 'BEV'
  AND (cylinder_count IS NOT NULL OR fuel_type <> 'ELECTRIC');

-- R33.2 Only trucks have a cab
SELECT vehicle_specification_key FROM vehicle_specification WHERE cab_type IS NOT NULL
  AND vehicle_category_type NOT IN ('PICKUP', 'WORK_TRUCK', 'HEAVY_DUTY_TRUCK');

-- R33.3 Electric cars report no revolutions and no fuel
SELECT vehicle_telemetry_event_key FROM vehicle_telemetry_event JOIN vehicle USING (vehicle_key)
JOIN vehicle_specification USING (vehicle_specification_key)
WHERE power_train_type = 'BEV' AND (engine_rpm IS NOT NULL OR fuel_level_pct IS NOT NULL);

-- R34 The sticker is the sum of its parts and more than the dealer pays
SELECT vehicle_key FROM vehicle JOIN vehicle_specification USING (vehicle_specification_key)
WHERE total_msrp <> base_msrp + options_msrp + destination_charge
  OR vehicle_invoice_amount >= total_msrp;

-- R35 Made before it comes into stock, in stock before it goes
SELECT inventory_vehicle_key FROM inventory_vehicle JOIN vehicle USING (vehicle_key)
WHERE production_date > stock_date_time::date OR stock_date_time > delivered_date_time;

-- R35.2 Contracts are made about cars in stock, unless sold before
SELECT deal_key FROM deal d JOIN inventory_vehicle i USING (inventory_vehicle_key)
WHERE contract_date_time < stock_date_time AND NOT EXISTS (
  SELECT FROM lifecycle_status_event WHERE resource_key = i.inventory_vehicle_key
  AND transition_to = 'PRE_SOLD');

-- R36 No car is in two stocks at once
SELECT a.inventory_vehicle_key, b.inventory_vehicle_key FROM inventory_vehicle a
JOIN inventory_vehicle b ON a.vehicle_key = b.vehicle_key
  AND a.inventory_vehicle_key < b.inventory_vehicle_key
WHERE tstzrange(a.stock_date_time, a.delivered_date_time)
  && tstzrange(b.stock_date_time, b.delivered_date_time)
  AND a.stock_date_time IS NOT NULL AND b.stock_date_time IS NOT NULL;

-- R37 New cars come with fewer than 300 miles
SELECT inventory_vehicle_key FROM inventory_vehicle WHERE product_state_type = 'NEW'
  AND (odometer_at_stock >= 300 OR condition_type <> 'NEW');

-- R37.2 Used cars are half a year old
SELECT inventory_vehicle_key FROM inventory_vehicle JOIN vehicle USING (vehicle_key)
WHERE product_state_type IN ('USED', 'CERTIFIED')
  AND stock_date_time < production_date + interval '180 days';

-- R38 What a deal holds is not for sale
SELECT deal_key, deal_status, inventory_status_type FROM deal
JOIN inventory_vehicle USING (inventory_vehicle_key)
WHERE deal_status IN ('ACCEPTED', 'POSTED', 'FUNDED')
  AND inventory_status_type NOT IN ('SOLD', 'PRE_SOLD', 'RESERVED');

-- R39 Odometers never run backwards
WITH read AS (
  SELECT vehicle_key, stock_date_time AS at, odometer_at_stock::numeric AS miles
    FROM inventory_vehicle
  UNION ALL SELECT vehicle_key, opened_date_time, odometer_in FROM repair_order
  UNION ALL SELECT vehicle_key, closed_date_time, odometer_out FROM repair_order
  UNION ALL SELECT vehicle_key, occurrence_date_time, odometer FROM vehicle_telemetry_event
  UNION ALL SELECT vehicle_key, appraisal_date_time, odometer FROM trade_in_vehicle),
turn AS (SELECT *, lag(miles) OVER one AS before, lag(at) OVER one AS earlier FROM read
  WHERE at IS NOT NULL AND miles IS NOT NULL WINDOW one AS (PARTITION BY vehicle_key ORDER BY at, miles))
SELECT * FROM turn WHERE miles < before - 1;

-- R39.2 Nobody drives more than 1,500 miles a day
WITH read AS (
  SELECT vehicle_key, stock_date_time AS at, odometer_at_stock::numeric AS miles
    FROM inventory_vehicle
  UNION ALL SELECT vehicle_key, opened_date_time, odometer_in FROM repair_order
  UNION ALL SELECT vehicle_key, occurrence_date_time, odometer FROM vehicle_telemetry_event
  UNION ALL SELECT vehicle_key, appraisal_date_time, odometer FROM trade_in_vehicle),
turn AS (SELECT *, lag(miles) OVER one AS before, lag(at) OVER one AS earlier FROM read
  WHERE at IS NOT NULL WINDOW one AS (PARTITION BY vehicle_key ORDER BY at, miles))
SELECT * FROM turn
WHERE miles - before > 1 + 1500 * greatest(1, extract(epoch FROM at - earlier) / 86400);

-- R40 A car has one owner at a time
SELECT a.garage_item_key, b.garage_item_key FROM garage_item a JOIN garage_item b
  ON a.vehicle_key = b.vehicle_key AND a.garage_item_key < b.garage_item_key
WHERE tstzrange(a.start_date_time, a.complete_date_time)
  && tstzrange(b.start_date_time, b.complete_date_time);

-- R40.2 Who trades a car in no longer owns it from the delivery on
SELECT trade_in_vehicle_key FROM trade_in_vehicle t JOIN deal d USING (deal_key)
JOIN garage_item g ON g.vehicle_key = t.vehicle_key AND g.customer_key = d.customer_key
WHERE d.delivery_date_time IS NOT NULL AND d.deal_status <> 'REVERSED'
  AND g.start_date_time < d.delivery_date_time
  AND g.complete_date_time IS DISTINCT FROM d.delivery_date_time
  AND coalesce(g.complete_date_time, 'infinity') > d.delivery_date_time;

-- R41 A stay in stock is sold once at most
SELECT inventory_vehicle_key FROM deal WHERE deal_status IN ('ACCEPTED', 'POSTED', 'FUNDED')
GROUP BY 1 HAVING count(*) > 1;

-- R42 Leads go forward
SELECT lead_key FROM sales_lead
WHERE create_date_time > first_contact_date_time
  OR first_contact_date_time > last_activity_date_time
  OR last_activity_date_time > close_date_time OR create_date_time > close_date_time;

-- R42.2 Deals go forward
SELECT deal_key FROM deal LEFT JOIN sales_lead USING (lead_key)
WHERE create_date_time > deal.occurrence_date_time OR deal.occurrence_date_time > contract_date_time
  OR contract_date_time > post_date_time OR post_date_time > funded_date_time
  OR contract_date_time > delivery_date_time;

-- R43 A won lead has one deal that came about, and closes with its contract
SELECT lead_key FROM sales_lead l
LEFT JOIN deal d USING (lead_key)
WHERE converted_indicator OR lead_status_type = 'WON'
GROUP BY lead_key, lead_status_type, close_date_time, converted_indicator
HAVING count(deal_key) FILTER (WHERE deal_status <> 'ABANDONED') <> 1
  OR min(contract_date_time) FILTER (WHERE deal_status <> 'ABANDONED') <> close_date_time
  OR lead_status_type <> 'WON' OR NOT converted_indicator;

-- R44 Three of four leads that had 90 days convert within them
SELECT share FROM (
  SELECT avg((converted_indicator AND days_to_close <= 90)::int) AS share, count(*) AS n
  FROM sales_lead
  WHERE create_date_time::date <= current_setting('rules.as_of')::date - 90) AS leads
WHERE abs(share - 0.75) > 0.02 + 3 * sqrt(0.75 * 0.25 / n);

-- R45 Four of five cars sold are light trucks (what a truck is, the rule leaves to a setting)
SELECT share FROM (
  SELECT avg((vehicle_category_type IN ('PICKUP', 'WORK_TRUCK', 'HEAVY_DUTY_TRUCK', 'SUV', 'CROSSOVER',
    'VAN', 'MINIVAN', 'COMMERCIAL'))::int) AS share, count(*) AS n
  FROM deal JOIN inventory_vehicle USING (inventory_vehicle_key) JOIN vehicle USING (vehicle_key)
  JOIN vehicle_specification USING (vehicle_specification_key)
  WHERE deal_status IN ('ACCEPTED', 'POSTED', 'FUNDED')) AS sold
WHERE abs(share - 0.80) > 0.02 + 3 * sqrt(0.8 * 0.2 / n);

-- R46 Rates fall as scores rise
SELECT rank FROM (
  SELECT corr(score, rate) AS rank FROM (
    SELECT rank() OVER (ORDER BY score_value) AS score, rank() OVER (ORDER BY interest_rate) AS rate
    FROM deal JOIN credit_application USING (credit_application_key)
    WHERE payment_type = 'FINANCED_PURCHASE' AND interest_rate IS NOT NULL) AS ranked) AS said
WHERE rank > -0.7;

-- R46.2 Dealers add up to two and a half points
SELECT deal_key FROM deal WHERE interest_rate NOT BETWEEN buy_rate AND buy_rate + 0.025;

-- R47 The parts of a deal come to its total
SELECT deal_key FROM deal
WHERE tax_price_total <> round(taxable_amount * tax_rate, 2)
  OR total_amount <> sale_price + product_price_total + fee_price_total + tax_price_total;

-- R48 A deal's total is paid down, traded in, rebated and financed
SELECT deal_key FROM deal WHERE payment_type = 'FINANCED_PURCHASE'
  AND total_amount <> down_payment + trade_in_equity + rebate_price_total + amount_financed;

-- R48.2 What is financed is paid by a lender
SELECT deal_key FROM deal JOIN invoice USING (deal_key) JOIN payment USING (invoice_key)
JOIN org_profile o ON o.party_key = payer_party_key
WHERE payment_amount_type = 'TOTAL_FINANCED' AND (amount <> amount_financed
  OR payment_method_type <> 'FINANCING' OR o.org_role::text !~ 'LEND|FINANC|BANK');

-- R49 A monthly payment is the annuity
SELECT deal_key FROM deal WHERE payment_type = 'FINANCED_PURCHASE' AND interest_rate > 0
  AND abs(monthly_payment - amount_financed * (interest_rate / 12)
    / (1 - power(1 + interest_rate / 12, -term_months))) > 0.01;

-- R49.2 Who pays cash has no monthly payment
SELECT deal_key FROM deal
WHERE payment_type IN ('CASH', 'OUTRIGHT_PURCHASE') AND monthly_payment IS NOT NULL;

-- R50 What is paid how goes with its columns
SELECT deal_key FROM deal
WHERE payment_type IN ('CASH', 'OUTRIGHT_PURCHASE')
    AND (credit_application_key IS NOT NULL OR term_months IS NOT NULL)
  OR payment_type = 'FINANCED_PURCHASE' AND deal_status NOT IN ('IN_PROGRESS', 'ABANDONED')
    AND (credit_application_key IS NULL OR term_months IS NULL OR interest_rate IS NULL)
  OR payment_type LIKE 'LEASE%' AND (money_factor IS NULL OR residual_value IS NULL
    OR term_months NOT BETWEEN 24 AND 48 OR purchase_type <> 'LEASE');

-- R51 Deals on credit have an approved application of the same customer, decided before
SELECT deal_key FROM deal d JOIN credit_application a USING (credit_application_key)
WHERE deal_status IN ('ACCEPTED', 'POSTED', 'FUNDED')
  AND (application_status_type NOT IN ('APPROVED', 'COMPLETE') OR approved_amount < amount_financed
    OR a.customer_key <> d.customer_key OR decision_date_time > contract_date_time);

-- R52 Approved applications leave room in the income, decisions follow applications
SELECT credit_application_key FROM credit_application
WHERE application_status_type IN ('APPROVED', 'COMPLETE') AND debt_to_income > 0.60
  OR decision_date_time < application_date_time;

-- R53 New cars are sold by dealers of their make
SELECT deal_key, make, primary_make FROM deal JOIN dealer USING (dealer_key)
JOIN inventory_vehicle i USING (inventory_vehicle_key) JOIN vehicle USING (vehicle_key)
JOIN vehicle_specification USING (vehicle_specification_key)
WHERE deal.product_state_type = 'NEW' AND make <> primary_make;

-- R53.2 A car is sold by the dealer that has it
SELECT deal_key FROM deal d JOIN inventory_vehicle i USING (inventory_vehicle_key)
WHERE d.dealer_key <> i.dealer_key;

-- R54 Posted deals have a journal
SELECT deal_key FROM deal LEFT JOIN invoice USING (deal_key)
LEFT JOIN journal_entry_transaction ON source_key IN (deal_key, invoice_key)
WHERE deal_status IN ('POSTED', 'FUNDED') GROUP BY 1 HAVING count(source_key) = 0;

-- R54.2 Funded deals have been paid by their lender
SELECT deal_key FROM deal WHERE deal_status = 'FUNDED' AND amount_financed > 0
  AND NOT EXISTS (SELECT FROM invoice i JOIN payment USING (invoice_key)
    WHERE i.deal_key = deal.deal_key AND payment_amount_type = 'TOTAL_FINANCED'
    AND settled_date_time IS NOT NULL);

-- R56 A car traded in was the buyer's and comes into stock within five days
SELECT trade_in_vehicle_key FROM trade_in_vehicle t JOIN deal d USING (deal_key)
WHERE NOT EXISTS (SELECT FROM garage_item g WHERE g.vehicle_key = t.vehicle_key
    AND g.customer_key = d.customer_key AND g.start_date_time <= d.occurrence_date_time)
  OR delivery_date_time + interval '5 days' < current_setting('rules.as_of')::date
    AND d.deal_status IN ('POSTED', 'FUNDED')
    AND NOT EXISTS (SELECT FROM inventory_vehicle i WHERE i.vehicle_key = t.vehicle_key
      AND i.product_state_type IN ('USED', 'CERTIFIED')
      AND i.stock_date_time BETWEEN delivery_date_time AND delivery_date_time + interval '5 days');

-- R57 Each new car delivered has one report to its maker
SELECT deal_key, count(retail_delivery_report_key) FROM deal
LEFT JOIN retail_delivery_report USING (deal_key)
WHERE deal.product_state_type = 'NEW' AND deal.purchase_type IN ('RETAIL', 'LEASE')
  AND delivery_date_time IS NOT NULL AND deal_status IN ('POSTED', 'FUNDED')
GROUP BY 1 HAVING count(retail_delivery_report_key) <> 1;

-- R57.2 It is told after the sale and approved after it was told
SELECT retail_delivery_report_key FROM retail_delivery_report JOIN deal USING (deal_key)
WHERE sale_date < contract_date_time::date - 1 OR transmitted_date_time::date < sale_date
  OR approved_date_time < transmitted_date_time;

-- R59 A rebate's programme holds on the day of the contract, for that car and that payment
SELECT deal_incentive_key FROM deal_incentive JOIN incentive_program p USING (incentive_program_key)
JOIN deal d USING (deal_key) JOIN inventory_vehicle USING (inventory_vehicle_key)
JOIN vehicle USING (vehicle_key) JOIN vehicle_specification s USING (vehicle_specification_key)
WHERE contract_date_time::date NOT BETWEEN p.start_date - 1 AND p.end_date + 1
  OR p.eligible_make <> s.make OR p.eligible_model_code <> s.model_code
  OR p.finance_required_indicator AND d.payment_type IN ('CASH', 'OUTRIGHT_PURCHASE');

-- R60 What cannot be added to others stands alone
SELECT deal_key FROM deal_incentive JOIN incentive_program USING (incentive_program_key)
GROUP BY 1 HAVING count(*) > 1 AND NOT bool_and(stackable_indicator);

-- R60.2 Rebates are less than the price, and the deal's own
SELECT deal_key FROM deal LEFT JOIN (
  SELECT deal_key, sum(rebate_amount) AS rebates FROM deal_incentive GROUP BY 1) AS given
  USING (deal_key)
WHERE rebates >= sale_price OR deal_status IN ('ACCEPTED', 'POSTED', 'FUNDED')
  AND coalesce(rebates, 0) <> rebate_price_total;

-- R61 Applied, then asked for, then given back, and not more than it was
SELECT deal_incentive_key FROM deal_incentive
WHERE applied_date_time::date > submitted_date + 1 OR submitted_date > reimbursed_date
  OR reimbursed_amount > rebate_amount;

-- R62 Billed after it is closed, due after it is billed, posted after it is billed
SELECT invoice_key FROM invoice LEFT JOIN deal USING (deal_key)
LEFT JOIN repair_order USING (repair_order_key)
WHERE due_date_time < invoice_date_time OR invoice.post_date_time < invoice_date_time
  OR invoice_date_time < contract_date_time OR invoice_date_time < closed_date_time;

-- R62.2 Paid after it is billed, deposits at most 60 days before
SELECT payment_key FROM payment JOIN invoice USING (invoice_key)
WHERE occurrence_date_time < invoice_date_time
  - CASE payment_amount_type WHEN 'DOWN_PAYMENT' THEN interval '60 days' ELSE interval '0' END;

-- R63 An item is its quantity times its price, less discount, plus tax
SELECT invoice_item_key FROM invoice_item
WHERE base_amount <> round(total_quantity * unit_price, 2)
  OR total_amount <> base_amount - discount_amount + tax_amount;

-- R63.2 A bill is the sum of its items and its fees
SELECT invoice_key FROM invoice i JOIN invoice_item x USING (invoice_key)
GROUP BY invoice_key
HAVING i.total_amount <> subtotal_amount - i.discount_amount + fee_amount + i.tax_amount
  OR balance_amount <> i.total_amount - paid_amount OR i.tax_amount <> sum(x.tax_amount)
  OR subtotal_amount <> sum(base_amount) OR i.discount_amount <> sum(x.discount_amount);

-- R64 A deal's bill is its total
SELECT deal_key FROM invoice JOIN deal USING (deal_key) WHERE invoice.total_amount <> deal.total_amount
  AND invoice_status_type NOT IN ('VOIDED', 'CANCELLED');

-- R65 Every posted deal has one live bill
SELECT deal_key FROM deal LEFT JOIN invoice USING (deal_key)
WHERE deal_status IN ('POSTED', 'FUNDED') GROUP BY 1
HAVING count(*) FILTER (WHERE invoice_status_type NOT IN ('VOIDED', 'CANCELLED')) <> 1;

-- R65.2 Every closed repair order that its customer pays for has one live bill
SELECT repair_order_key FROM repair_order LEFT JOIN invoice USING (repair_order_key)
WHERE repair_status_type = 'CLOSED' AND EXISTS (SELECT FROM repair_order_line l
  WHERE l.repair_order_key = repair_order.repair_order_key AND pay_type = 'CUSTOMER_PAY'
  AND repair_line_status_type = 'COMPLETED')
GROUP BY 1 HAVING count(*) FILTER (WHERE invoice_status_type NOT IN ('VOIDED', 'CANCELLED')) <> 1;

-- R66 How a bill stands agrees with its money
SELECT invoice_key FROM invoice
WHERE (payment_status_type IN ('PAID', 'SETTLED')) <> (balance_amount = 0)
    AND payment_status_type NOT IN ('REFUNDED', 'NOT_REQUIRED')
  OR payment_status_type = 'OVERDUE' AND (balance_amount <= 0
    OR due_date_time::date > current_setting('rules.as_of')::date)
  OR payment_status_type = 'PARTIALLY_PAID' AND (paid_amount <= 0 OR balance_amount <= 0);

-- R66.2 What is paid is the sum of the settled payments
SELECT invoice_key FROM invoice LEFT JOIN payment USING (invoice_key)
GROUP BY invoice_key HAVING paid_amount <> coalesce(sum(amount)
  FILTER (WHERE settled_date_time IS NOT NULL AND payment.payment_status_type <> 'CHARGEBACK'), 0);

-- R68 Refunds are negative, follow what they refund and do not exceed it
SELECT r.payment_key FROM payment r JOIN payment p ON p.payment_key = r.refund_of_payment_key
WHERE r.amount >= 0 OR -r.amount > p.amount OR r.occurrence_date_time < p.settled_date_time;

-- R68.2 No more is paid than was billed
SELECT invoice_key FROM invoice JOIN payment USING (invoice_key)
WHERE payment.payment_status_type NOT IN ('FAILED', 'CHARGEBACK')
GROUP BY invoice_key HAVING sum(amount) > total_amount;

-- R69 Cards are authorised and captured, for no more than was authorised
SELECT payment_key FROM payment LEFT JOIN credit_authorization a USING (payment_key)
WHERE payment_method_type IN ('CREDIT_CARD', 'DEBIT_CARD') AND settled_date_time IS NOT NULL
  AND refund_of_payment_key IS NULL
GROUP BY payment_key HAVING count(*) FILTER (
  WHERE credit_authorization_status_type = 'CAPTURED' AND auth_amount >= amount) <> 1;

-- R70 Each event of a payment begins where the one before ended
WITH turn AS (SELECT *, lag(new_payment_status_type) OVER (
    PARTITION BY payment_key ORDER BY occurrence_date_time, payment_event_key) AS before
  FROM payment_event)
SELECT payment_event_key FROM turn WHERE old_payment_status_type IS DISTINCT FROM before;

-- R70.2 The last event of a payment says how it stands
SELECT payment_key FROM payment p WHERE payment_status_type <> (
  SELECT new_payment_status_type FROM payment_event e WHERE e.payment_key = p.payment_key
  ORDER BY occurrence_date_time DESC, payment_event_key DESC LIMIT 1);

-- R71 Numbers of the bank only where it gave its leave, reasons where it did not
SELECT credit_authorization_key FROM credit_authorization
WHERE credit_authorization_status_type = 'DECLINED' AND reason_code IS NULL
  OR credit_authorization_status_type IN ('DECLINED', 'FRAUD_REJECTED', 'VALIDATION',
    'FUND_VERIFICATION', 'PENDING_EXTERNAL') AND (auth_number IS NOT NULL OR auth_code IS NOT NULL);

-- R72 Journals balance
SELECT t.journal_entry_transaction_key FROM journal_entry_transaction t
LEFT JOIN journal_entry e USING (journal_entry_transaction_key)
GROUP BY t.journal_entry_transaction_key
HAVING count(e.journal_entry_key) < 2 OR NOT is_balanced
  OR sum(amount) FILTER (WHERE journal_type = 'DEBIT') IS DISTINCT FROM total_debit_amount
  OR sum(amount) FILTER (WHERE journal_type = 'CREDIT') IS DISTINCT FROM total_credit_amount
  OR total_debit_amount <> total_credit_amount OR total_debit_amount <= 0;

-- R73 The whole ledger of each dealer comes to nothing in each period
SELECT dealer_key, accounting_period_key FROM journal_entry_transaction
JOIN journal_entry USING (journal_entry_transaction_key) GROUP BY 1, 2
HAVING sum(CASE journal_type WHEN 'DEBIT' THEN amount ELSE -amount END) <> 0;

-- R73.2 Rows of the subsidiary ledgers are those of their control accounts
SELECT subsidiary_ledger_transaction_key FROM subsidiary_ledger_transaction s
JOIN journal_entry e USING (journal_entry_key)
WHERE s.control_account_key <> e.general_ledger_account_key
  OR abs(s.total_amount) <> e.amount;

-- R74 Entries lie in their period
SELECT journal_entry_transaction_key FROM journal_entry_transaction
JOIN accounting_period USING (accounting_period_key)
WHERE entry_date NOT BETWEEN start_date AND end_date OR accounting_period_status_type = 'FUTURE';

-- R74.2 Entries of bills do not come before them
SELECT journal_entry_transaction_key FROM journal_entry_transaction JOIN invoice
  ON invoice_key = source_key WHERE entry_date < invoice_date_time::date - 1;

-- R75 What is turned back is turned back whole, and later
SELECT r.journal_entry_transaction_key FROM journal_entry_transaction r
JOIN journal_entry_transaction t ON t.journal_entry_transaction_key = r.reverses_transaction_key
WHERE r.entry_date < t.entry_date OR EXISTS (
  SELECT general_ledger_account_key FROM journal_entry e WHERE e.journal_entry_transaction_key
    IN (r.journal_entry_transaction_key, t.journal_entry_transaction_key)
  GROUP BY 1 HAVING sum(CASE journal_type WHEN 'DEBIT' THEN amount ELSE -amount END) <> 0);

-- R76 Only what was posted is in the books that balance
SELECT journal_entry_transaction_key FROM journal_entry_transaction
WHERE financial_flow_status_type NOT IN
  ('DRAFT', 'PENDING_APPROVAL', 'APPROVED', 'POSTED', 'REJECTED', 'CANCELLED');

-- R77 Posted bills and settled payments have their journal
SELECT invoice_key FROM invoice LEFT JOIN journal_entry_transaction ON source_key = invoice_key
WHERE post_date_time IS NOT NULL AND invoice_status_type NOT IN ('VOIDED', 'CANCELLED')
GROUP BY 1 HAVING count(source_key) = 0;

-- R78 Appointments are booked before they begin and end after
SELECT service_appointment_key FROM service_appointment
WHERE booked_date_time > appointment_start_date_time
  OR appointment_start_date_time >= appointment_end_date_time;

-- R78.2 Repair orders are opened, completed, closed; not long before their appointment
SELECT repair_order_key FROM repair_order LEFT JOIN service_appointment a
  USING (service_appointment_key)
WHERE opened_date_time < appointment_start_date_time - interval '2 hours'
  OR opened_date_time > completed_date_time OR completed_date_time > closed_date_time
  OR promise_complete_date < opened_date_time::date - 1;

-- R79 Only kept appointments have a repair order
SELECT repair_order_key FROM repair_order JOIN service_appointment USING (service_appointment_key)
WHERE appointment_status_type NOT IN ('ARRIVED', 'CHECKED_IN', 'READY', 'IN_PROGRESS', 'ON_HOLD',
  'PARTIALLY_FULFILLED', 'FULFILLED', 'CLOSED');

-- R80 Who brings a car owns it, or it is the house's own
SELECT r.repair_order_key FROM repair_order r JOIN customer c USING (customer_key)
WHERE NOT EXISTS (SELECT FROM garage_item g WHERE g.vehicle_key = r.vehicle_key
    AND g.customer_key = r.customer_key AND r.opened_date_time >= g.start_date_time
    AND r.opened_date_time < coalesce(g.complete_date_time, 'infinity'))
  AND NOT EXISTS (SELECT FROM dealer d WHERE d.party_key = c.party_key);

-- R80.2 Work on the house's own cars is paid by the house
SELECT repair_order_line_key FROM repair_order_line l JOIN repair_order r USING (repair_order_key)
JOIN customer c USING (customer_key) JOIN dealer d ON d.party_key = c.party_key
WHERE l.pay_type NOT IN ('INTERNAL', 'WARRANTY', 'MANUFACTURER');

-- R81 A repair order is the sum of its lines
SELECT repair_order_key FROM repair_order JOIN repair_order_line USING (repair_order_key)
GROUP BY repair_order_key
HAVING actual_labor_amount <> sum(labor_amount) OR actual_parts_amount <> sum(parts_amount)
  OR actual_grand_total_amount <> sum(labor_amount + parts_amount + sublet_amount)
    + actual_misc_amount + actual_tax_amount;

-- R81.2 Labour is hours times the rate
SELECT repair_order_line_key FROM repair_order_line
WHERE abs(labor_amount - billed_hours * labor_rate) > 0.01;

-- R81.3 The parts of a line are those that were issued
SELECT repair_order_line_key FROM repair_order_line LEFT JOIN (
  SELECT repair_order_line_key, sum(extended_amount) AS issued FROM repair_order_part
  WHERE part_status_type NOT IN ('CANCELLED', 'RETURNED') GROUP BY 1) AS p USING (repair_order_line_key)
WHERE parts_amount <> coalesce(issued, 0);

-- R82 Efficiency is billed over clocked, and plausible
SELECT repair_order_line_key FROM repair_order_line
WHERE clocked_hours > 0 AND (abs(efficiency_ratio - billed_hours / clocked_hours) > 0.01
  OR efficiency_ratio NOT BETWEEN 0.6 AND 1.6);

-- R82.2 Nobody turns wrenches for more than twelve hours a day
SELECT technician_staff_member_key, opened_date_time::date FROM repair_order_line
JOIN repair_order r USING (repair_order_key) JOIN dealer USING (dealer_key)
WHERE completed_date_time::date = opened_date_time::date
GROUP BY 1, 2 HAVING sum(clocked_hours) > 24;

-- R83 Lines that warranty pays have one claim, others none
SELECT repair_order_line_key, pay_type, count(warranty_claim_key) FROM repair_order_line
JOIN repair_order r USING (repair_order_key) LEFT JOIN warranty_claim USING (repair_order_line_key)
WHERE closed_date_time::date + 30 < current_setting('rules.as_of')::date
GROUP BY 1, 2 HAVING count(warranty_claim_key) <> (pay_type = 'WARRANTY')::int;

-- R85 There is never less than nothing on the shelf
SELECT part_inventory_key FROM part_inventory
WHERE quantity_on_hand < 0 OR quantity_reserved < 0 OR quantity_on_order < 0;

-- R86 Available is what is not reserved, and worth its cost
SELECT part_inventory_key FROM part_inventory
WHERE quantity_available <> quantity_on_hand - quantity_reserved
  OR quantity_reserved > quantity_on_hand OR abs(inventory_value - quantity_on_hand * unit_cost) > 0.01;

-- R87 Parts are ordered, shipped, delivered and received
SELECT part_order_key FROM part_order LEFT JOIN shipment USING (part_order_key)
WHERE create_date_time::date > scheduled_ship_date + 1 OR create_date_time > ship_date_time
  OR ship_date_time > actual_delivery_date_time OR create_date_time > received_date_time
  OR actual_delivery_date_time > received_date_time;

-- R87.2 An order is the sum of its items
SELECT part_order_key FROM part_order o JOIN part_order_item i USING (part_order_key)
GROUP BY part_order_key
HAVING o.total_quantity <> sum(i.total_quantity) OR o.total_amount <> sum(i.total_price);

-- R88 What was replaced is no longer made, and nothing replaces itself
WITH RECURSIVE chain AS (
  SELECT part_master_key AS first, superseded_by_part_master_key AS at, 1 AS steps FROM part_master
  WHERE superseded_by_part_master_key IS NOT NULL
  UNION ALL SELECT first, superseded_by_part_master_key, steps + 1 FROM chain
  JOIN part_master ON part_master_key = at
  WHERE superseded_by_part_master_key IS NOT NULL AND steps < 30)
SELECT first FROM chain WHERE first = at OR steps >= 30
UNION ALL SELECT part_master_key FROM part_master WHERE superseded_by_part_master_key IS NOT NULL
  AND product_stage_type NOT IN ('PRELIMINARY_SUPERSESSION', 'FINAL_SUPERSESSION', 'PHASED_OUT');

-- R89 Coverage begins with the report of the delivery, at its miles
SELECT warranty_key FROM warranty w JOIN retail_delivery_report r USING (vehicle_key)
WHERE product_contract_key IS NULL AND oem_rdr_status_type = 'APPROVED'
  AND r.product_state_type = 'NEW' AND (w.start_date <> r.sale_date
  OR w.start_odometer <> r.odometer_at_sale);

-- R89.2 Coverage ends when its term is over
SELECT warranty_key FROM warranty
WHERE warranty_expiration_date <> (start_date + make_interval(months => term_months::int))::date;

-- R90 What was paid was covered
SELECT warranty_claim_key FROM warranty_claim JOIN warranty USING (warranty_key)
JOIN repair_order USING (repair_order_key)
WHERE claim_status IN ('APPROVED', 'REIMBURSED') AND (odometer_in > end_mileage
  OR opened_date_time::date NOT BETWEEN start_date - 1 AND warranty_expiration_date + 1);

-- R90.2 What was rejected has a reason
SELECT warranty_claim_key FROM warranty_claim
WHERE claim_status = 'REJECTED' AND denial_reason IS NULL;

-- R91 Claims follow the work within 30 days, decisions the claims, payment the decisions
SELECT warranty_claim_key FROM warranty_claim JOIN repair_order USING (repair_order_key)
WHERE submitted_date_time < closed_date_time OR submitted_date_time > closed_date_time + interval '30 days'
  OR adjudicated_date_time < submitted_date_time OR paid_date_time < adjudicated_date_time;

-- R92 What was approved and what was denied come to the claim
SELECT warranty_claim_key FROM warranty_claim
WHERE approved_amount + denied_amount <> claim_amount OR approved_amount > claim_amount
  OR paid_date_time IS NOT NULL AND claim_status <> 'REIMBURSED';

-- R92.2 A claim is its line
SELECT warranty_claim_key FROM warranty_claim JOIN repair_order_line USING (repair_order_line_key)
WHERE claim_amount <> labor_claim_amount + parts_claim_amount + sublet_amount
  OR labor_claim_amount <> labor_amount;

-- R94 Routine work is never claimed
SELECT warranty_claim_key FROM warranty_claim JOIN repair_order_line USING (repair_order_line_key)
JOIN labor_operation USING (labor_operation_key) WHERE labor_operation_type = 'MAINTENANCE';

-- R95 Subscriptions begin before they end and are cancelled in between
SELECT subscription_agreement_key FROM subscription_agreement
WHERE start_date >= end_date OR cancel_date NOT BETWEEN start_date AND coalesce(end_date, 'infinity');

-- R95.2 Who subscribes for a car owns it
SELECT subscription_agreement_key FROM subscription_agreement s
WHERE vehicle_key IS NOT NULL AND NOT EXISTS (SELECT FROM garage_item g
  WHERE g.vehicle_key = s.vehicle_key AND g.customer_key = s.customer_key
  AND s.start_date >= g.start_date_time::date - 1
  AND s.start_date <= coalesce(g.complete_date_time::date, 'infinity'));

-- R97 Cars report only while a subscription or its trial runs
SELECT vehicle_telemetry_event_key FROM vehicle_telemetry_event t
WHERE NOT EXISTS (SELECT FROM subscription_agreement s
  JOIN subscription_plan USING (subscription_plan_key)
  WHERE s.vehicle_key = t.vehicle_key AND requires_connected_vehicle_indicator
  AND occurrence_date_time::date >= s.start_date - 1
  AND occurrence_date_time::date <= least(s.end_date, s.cancel_date, 'infinity'));

-- R98 Transfers are asked for, picked up and arrive, from one dealer to another
SELECT vehicle_transfer_order_key FROM vehicle_transfer_order
WHERE requested_date_time > pickup_date_time OR pickup_date_time > actual_arrival_date_time
  OR source_dealer_key = destination_dealer_key;

-- R104 Cars without leave say not where they are
SELECT vehicle_telemetry_event_key FROM vehicle_telemetry_event
WHERE NOT data_sharing_consent_indicator AND (latitude IS NOT NULL OR longitude IS NOT NULL);

-- R99 A shipment is for one thing; delivered ones say when
SELECT shipment_key FROM shipment
WHERE num_nonnulls(part_order_key, vehicle_transfer_order_key) <> 1
  OR (shipment_state_type = 'DELIVERED') <> (actual_delivery_date_time IS NOT NULL)
  OR shipment_cost < freight_charge + fuel_surcharge;

-- R100 Events happen, are recorded, are received; in their order
WITH turn AS (SELECT *, lag(event_sequence_num) OVER one AS before, lag(occurrence_date_time) OVER one
    AS earlier FROM vehicle_telemetry_event WHERE NOT duplicate_indicator
  WINDOW one AS (PARTITION BY vehicle_key ORDER BY occurrence_date_time, event_sequence_num))
SELECT vehicle_telemetry_event_key FROM turn
WHERE occurrence_date_time > recorded_date_time OR recorded_date_time > ingested_date_time
  OR event_sequence_num <= before;

-- R100.2 Cars report after they were made
SELECT vehicle_telemetry_event_key FROM vehicle_telemetry_event JOIN vehicle USING (vehicle_key)
WHERE occurrence_date_time::date < production_date;

-- R101 99 of 100 events are received within five seconds
SELECT share FROM (SELECT avg((latency_milliseconds <= 5000)::int) AS share, count(*) AS n
  FROM vehicle_telemetry_event) AS all_events WHERE share < 0.99 - 3 * sqrt(0.01 * 0.99 / n);

-- R101.2 What is late says so
SELECT vehicle_telemetry_event_key FROM vehicle_telemetry_event
WHERE latency_milliseconds > 5000 AND freshness_status_type <> 'STALE';

-- R102 What cars report is possible
SELECT vehicle_telemetry_event_key FROM vehicle_telemetry_event
WHERE speed_mph NOT BETWEEN 0 AND 120 OR battery_state_of_charge_pct NOT BETWEEN 0 AND 100
  OR fuel_level_pct NOT BETWEEN 0 AND 100 OR tire_pressure_psi NOT BETWEEN 15 AND 50;

-- R103 Warnings have their reason
SELECT vehicle_telemetry_event_key FROM vehicle_telemetry_event
WHERE telemetry_event_type = 'TIRE_PRESSURE_LOW' AND tire_pressure_psi >= 28
  OR telemetry_event_type = 'COOLANT_TEMPERATURE_HIGH' AND engine_temperature_c <= 121
  OR telemetry_event_type LIKE '%DTC\_SET' AND diagnostic_trouble_code IS NULL;

-- R105 Appointments that an alert asked for follow it within a fortnight, by the car's own word
SELECT service_appointment_key FROM service_appointment a
JOIN vehicle_alert v ON v.vehicle_alert_key = a.trigger_vehicle_alert_key
WHERE a.vehicle_key <> v.vehicle_key OR appointment_source_type <> 'CONNECTED_VEHICLE'
  OR appointment_start_date_time NOT BETWEEN created_date_time AND created_date_time + interval '15 days';

-- R106 A history begins with its creation and goes on where it stood
WITH turn AS (SELECT *, lag(transition_to) OVER one AS before, row_number() OVER one AS place
  FROM lifecycle_status_event WINDOW one AS (PARTITION BY resource_type, resource_key
    ORDER BY transition_date_time, lifecycle_status_event_key))
SELECT lifecycle_status_event_key FROM turn
WHERE transition_from IS DISTINCT FROM before OR (place = 1) <> (lifecycle_status_event_type = 'CREATED');

-- R106.2 Where it ends is how the row stands
WITH stands AS (
  SELECT deal_key AS key, deal_status::text AS status FROM deal
  UNION ALL SELECT lead_key, lead_status_type FROM sales_lead
  UNION ALL SELECT invoice_key, invoice_status_type FROM invoice
  UNION ALL SELECT repair_order_key, repair_status_type FROM repair_order
  UNION ALL SELECT service_appointment_key, appointment_status_type FROM service_appointment
  UNION ALL SELECT warranty_claim_key, claim_status FROM warranty_claim
  UNION ALL SELECT retail_delivery_report_key, oem_rdr_status_type FROM retail_delivery_report
  UNION ALL SELECT payroll_run_key, payroll_run_status_type FROM payroll_run
  UNION ALL SELECT inventory_vehicle_key, inventory_status_type FROM inventory_vehicle),
ends AS (SELECT DISTINCT ON (resource_key) resource_key, transition_to FROM lifecycle_status_event
  ORDER BY resource_key, transition_date_time DESC, lifecycle_status_event_key DESC)
SELECT key, status, transition_to FROM stands JOIN ends ON key = resource_key
WHERE status <> transition_to;

-- R106.3 Every step of deals, leads, reports, claims, visits and bills is one of their diagram
WITH steps (kind, sign, way) AS (VALUES
  ('deal', 'DL', 'IN_PROGRESS>ACCEPTED IN_PROGRESS>ABANDONED ACCEPTED>POSTED ACCEPTED>ABANDONED
    POSTED>FUNDED POSTED>REVERSED FUNDED>REVERSED'),
  ('retail_delivery_report', '', 'OPEN>LOCKED OPEN>CANCELLED LOCKED>NEW_INTERFACE LOCKED>CANCELLED
    NEW_INTERFACE>TRANSMITTED NEW_INTERFACE>CANCELLED TRANSMITTED>APPROVED TRANSMITTED>REJECTED
    REJECTED>LOCKED REJECTED>CANCELLED'),
  ('warranty_claim', '', 'SUBMITTED>UNDER_REVIEW UNDER_REVIEW>APPROVED UNDER_REVIEW>REJECTED
    APPROVED>REIMBURSED REJECTED>SUBMITTED'),
  ('sales_lead', '', 'NEW>CONTACTED NEW>UNQUALIFIED CONTACTED>IN_PROGRESS
    CONTACTED>FOLLOW_UP_SCHEDULED FOLLOW_UP_SCHEDULED>CONTACTED CONTACTED>DISQUALIFIED
    IN_PROGRESS>DEMO_GIVEN IN_PROGRESS>FOLLOW_UP_SCHEDULED IN_PROGRESS>LOST
    FOLLOW_UP_SCHEDULED>LOST DEMO_GIVEN>PROPOSAL_SENT DEMO_GIVEN>LOST
    PROPOSAL_SENT>VERBAL_COMMITMENT PROPOSAL_SENT>NEGOTIATION PROPOSAL_SENT>LOST
    VERBAL_COMMITMENT>CONTRACT_SENT VERBAL_COMMITMENT>LOST NEGOTIATION>CONTRACT_SENT
    NEGOTIATION>LOST CONTRACT_SENT>WON CONTRACT_SENT>LOST'),
  ('invoice', '', 'DRAFT>PENDING_APPROVAL PENDING_APPROVAL>DRAFT DRAFT>ISSUED DRAFT>VOIDED
    PENDING_APPROVAL>ISSUED PENDING_APPROVAL>DECLINED ISSUED>ACKNOWLEDGED ISSUED>CANCELLED
    ISSUED>ADJUSTED ACKNOWLEDGED>DISPUTED DISPUTED>ACKNOWLEDGED ACKNOWLEDGED>ADJUSTED
    ADJUSTED>ACKNOWLEDGED ACKNOWLEDGED>CLOSED ADJUSTED>DISPUTED DISPUTED>ADJUSTED ADJUSTED>CLOSED
    DISPUTED>CLOSED'),
  ('service_appointment', '', 'INITIATED>REQUESTED REQUESTED>CONFIRMED REQUESTED>WAIT_LISTED
    WAIT_LISTED>CONFIRMED REQUESTED>CANCELLED CONFIRMED>CANCELLED CONFIRMED>NO_SHOW
    CONFIRMED>ARRIVED ARRIVED>CHECKED_IN CHECKED_IN>IN_PROGRESS IN_PROGRESS>FULFILLED
    FULFILLED>CLOSED NO_SHOW>NO_SHOW_CONFIRMED')),
owned AS (
  SELECT 'deal' AS kind, deal_key AS key FROM deal
  UNION ALL SELECT 'sales_lead', lead_key FROM sales_lead
  UNION ALL SELECT 'invoice', invoice_key FROM invoice
  UNION ALL SELECT 'warranty_claim', warranty_claim_key FROM warranty_claim
  UNION ALL SELECT 'service_appointment', service_appointment_key FROM service_appointment
  UNION ALL SELECT 'retail_delivery_report', retail_delivery_report_key FROM retail_delivery_report)
SELECT kind, lifecycle_status_event_key, transition_from, transition_to
FROM owned JOIN steps USING (kind) JOIN lifecycle_status_event ON resource_key = key
WHERE transition_from IS NOT NULL
  AND transition_from || '>' || transition_to <> ALL (regexp_split_to_array(way, '\s+'));

-- R107 Nothing is later than the last day known, but for what is planned (each)
SELECT format('SELECT %1$L, max(%2$I) FROM %1$I HAVING max(%2$I)::date > %3$L::date + 1',
  table_name, column_name, current_setting('rules.as_of'))
FROM information_schema.columns
WHERE table_schema = 'public' AND data_type IN ('date', 'timestamp with time zone')
  AND column_name !~ '(due|promise|requested|scheduled|estimated|expiration|complete_date_time|end_date)'
  AND (table_name, column_name) NOT IN (
    ('service_appointment', 'appointment_start_date_time'),
    ('service_appointment', 'appointment_end_date_time'),
    ('time_off_event', 'start_date'), ('accounting_period', 'start_date'),
    ('incentive_program', 'start_date'), ('payroll_run', 'pay_date'), ('payroll_stub', 'pay_date'),
    ('marketing_campaign', 'start_date'));

-- R107.2 Nothing happens at a dealer before it opens (each)
SELECT format('SELECT t.%2$I FROM %1$I t JOIN dealer d USING (dealer_key) WHERE t.%2$I::date < d.open_date',
  a.table_name, a.column_name)
FROM information_schema.columns a JOIN information_schema.columns b
  ON b.table_name = a.table_name AND b.column_name = 'dealer_key' AND b.table_schema = 'public'
WHERE a.table_schema = 'public' AND a.table_name <> 'dealer'
  AND a.column_name ~ '(create|occurrence|opened|booked|contract|stock|invoice|entry|hire)_date';

-- R108 What holds from a moment until a moment ends after it begins (each)
SELECT format('SELECT start_date_time FROM %I WHERE complete_date_time <= start_date_time', a.table_name)
FROM information_schema.columns a JOIN information_schema.columns b USING (table_schema, table_name)
WHERE table_schema = 'public' AND a.column_name = 'start_date_time'
  AND b.column_name = 'complete_date_time';

-- R108.2 A part has one price of a kind at a time
SELECT a.price_list_key FROM price_list_item a JOIN price_list_item b
  ON a.part_master_key = b.part_master_key AND a.price_type = b.price_type
  AND a.price_list_key < b.price_list_key
WHERE tstzrange(a.start_date_time, a.complete_date_time)
  && tstzrange(b.start_date_time, b.complete_date_time);

-- R109 Leads of a campaign come while it runs or a month after
SELECT lead_key FROM sales_lead JOIN marketing_campaign USING (marketing_campaign_key)
WHERE create_date_time::date NOT BETWEEN start_date AND end_date + 31;

-- R109.2 Campaigns spend what they have, reach whom they know, and are answered by those reached
SELECT marketing_campaign_key FROM marketing_campaign
WHERE spend_amount > budget_amount OR response_count > sent_count OR sent_count > audience_size;

-- R110 Few amounts lie far from those of their kind
SELECT share FROM (
  SELECT avg((abs(amount - mean) > 2 * spread)::int) AS share, count(*) AS n FROM payment JOIN (
    SELECT payment_amount_type, avg(amount) AS mean, stddev(amount) AS spread FROM payment
    GROUP BY 1 HAVING count(*) > 20) AS kinds USING (payment_amount_type)) AS all_payments
WHERE share > 0.10;
