#!/bin/sh
# Makes the secrets of compose.cluster.yaml in deploy/secrets; what is there stays. Keep a copy of secret_key elsewhere: without
# it no AppSecret in the database can be read.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
make() {
	[ -s "secrets/$1" ] || printf '%s' "$2" >"secrets/$1"
}
make secret_key "$(openssl rand -base64 32)"
make api_token "$(openssl rand -base64 32)"
make postgres_password "$(openssl rand -hex 24)"
make database_url "postgresql://hongyan:$(cat secrets/postgres_password)@postgres:5432/hongyan?sslmode=disable"
# Containers read them as other users (node is 1000, postgres 999), and compose mounts them with the modes that they have here.
# The directory above them is for its owner only.
chmod 700 secrets
chmod 444 secrets/*
