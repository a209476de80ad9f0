#!/bin/bash
# The daily run as a shell script would do it: the same requests, in the same order, with the same tools as the operations guide.
# Written for this benchmark. FUNCTIONS, TOKEN, SINK and STAND_IN come from the environment; prints the compliance score at its end.
log=$(mktemp)
ask() {
    curl -s -X POST "$FUNCTIONS/$1" -H 'Content-Type: application/json' -H "apikey: $TOKEN" -d "$2"
}
tell() {
    curl -s -o /dev/null -X POST "$SINK" -H 'Content-Type: application/json' -d "{\"text\": \"$1\"}"
}
note() {
    echo "[$(date -u '+%H:%M:%S')] $1" >> "$log"
}

answer=$(ask production-monitoring '{"action": "comprehensive_health_check"}')
score=$(echo "$answer" | jq -r '.result.overall_health_percent // 0')
note "health $score"
(( $(echo "$score < 95" | bc -l) )) && echo "$answer" | jq '.result.issues[]?' >> "$log"

answer=$(ask database-scalability '{"action": "performance_analysis", "time_window": "24h"}')
query=$(echo "$answer" | jq -r '.result.avg_query_time // 0')
slow=$(echo "$answer" | jq -r '.result.slow_queries_count // 0')
connections=$(echo "$answer" | jq -r '.result.connection_pool_usage // 0')
note "database $query ms, $slow slow, $connections %"
(( $(echo "$query > 200 || $connections > 80" | bc -l) )) && echo "$answer" | jq '.result.recommendations[]?' >> "$log"

answer=$(ask error-tracking '{"action": "get_error_analytics", "time_window": "24h"}')
rate=$(echo "$answer" | jq -r '.result.error_rate // 0')
critical=$(echo "$answer" | jq -r '.result.critical_errors_count // 0')
note "errors $rate %, $critical critical"
(( $(echo "$rate > 2 || $critical > 0" | bc -l) )) && echo "$answer" | jq '.result.top_errors[]?' >> "$log"

answer=$(ask gdpr-compliance '{"action": "compliance_report", "report_type": "daily"}')
compliance=$(echo "$answer" | jq -r '.result.compliance_score // 0')
note "compliance $compliance %"
(( $(echo "$compliance < 100" | bc -l) )) && echo "$answer" | jq '.result.issues[]?' >> "$log"

answer=$(ask database-scalability '{"action": "resource_usage_report"}')
storage=$(echo "$answer" | jq -r '.result.storage_usage_percent // 0')
bandwidth=$(echo "$answer" | jq -r '.result.bandwidth_usage_percent // 0')
note "storage $storage %, bandwidth $bandwidth %"

newest=$(node "$STAND_IN" list)
note "backup $newest"
[ -z "$newest" ] && tell 'CRITICAL: No database backups found in last 24 hours'

failed=
for function in gdpr-compliance database-scalability production-monitoring error-tracking; do
    code=$(curl -s -o /dev/null -w '%{http_code}' -X POST "$FUNCTIONS/$function" -H 'Content-Type: application/json' -H "apikey: $TOKEN" -d '{"action": "health_check"}')
    time=$(curl -s -o /dev/null -w '%{time_total}' -X POST "$FUNCTIONS/$function" -H 'Content-Type: application/json' -H "apikey: $TOKEN" -d '{"action": "health_check"}')
    note "$function $code $(echo "$time * 1000" | bc) ms"
    [ "$code" != 200 ] && failed="$failed $function"
done
[ -n "$failed" ] && tell "Edge functions health check failed:$failed"

node "$STAND_IN" upload "$log" "daily-logs/maintenance-$(date -u +%Y%m%d).log"
tell "Daily maintenance completed. Health Score: $score%, Error Rate: $rate%, DB Avg Query Time: ${query}ms, GDPR Compliance: $compliance%"
rm -f "$log"
echo "$compliance"
