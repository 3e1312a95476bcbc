#!/usr/bin/env bash
# What was published against these functions of CivetWeb cannot reach a program that does not have them (docs/civetweb.md).
# Usage: check_civetweb_functions.sh PROGRAM
set -euo pipefail

functions=$(nm "$1" | sed -n 's/^[0-9a-f]* [tT] //p')
grep -qx handle_request <<<"$functions" || { echo "$1 has no symbols to look at" >&2; exit 1; }
status=0
for name in mg_handle_form_request mg_get_cookie mg_modify_passwords_file mg_connect_client put_file handle_propfind \
  handle_cgi_request handle_static_file_request handle_websocket_request; do
  if grep -qx "$name" <<<"$functions"; then
    echo "$1 has $name" >&2
    status=1
  fi
done
exit "$status"
