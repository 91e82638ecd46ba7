#!/bin/sh
# Sends an alert to the bot, signed by Standard Webhooks. docs/alerts.md says what it may hold.
#
#   ALERT_URL=https://bot.example.com/alerts ALERT_SECRET=whsec_… sh send-alert.sh alert.json
#
# Needs curl 7.76 or newer, and openssl. While the bot can't take it, it is sent again for four
# minutes, which is safe: the bot knows it by its id. Prints the answer; fails if it was refused.
# The key is among openssl's arguments for a moment: other users of the machine could see it there.
set -eu

file=$1
id=msg_$(openssl rand -hex 16)
now=$(date +%s)

key=$(printf '%s' "${ALERT_SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
signature=$({ printf '%s.%s.' "$id" "$now"; cat "$file"; } |
    openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)

curl --silent --show-error --fail-with-body \
    --max-time 20 --retry 20 --retry-connrefused --retry-max-time 240 \
    --header 'content-type: application/json' \
    --header "webhook-id: $id" \
    --header "webhook-timestamp: $now" \
    --header "webhook-signature: v1,$signature" \
    --data-binary "@$file" \
    "$ALERT_URL"
echo
