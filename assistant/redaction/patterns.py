"""Shapes of secrets in text. Repetitions are bounded or cannot overlap: each expression runs in linear time."""

import re

from assistant.redaction.names import SUFFIX, WORDS

PEM = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:.*?-----END [^-\n]{0,60}-----|.*)", re.DOTALL
)
PEM_LINE = re.compile(r"(?m)^([ \t]*)([A-Za-z0-9+/]{60,76}={0,2})(?=[ \t]*$)")
"""A line of a key whose first line is elsewhere: logs are read line by line."""
JWT = re.compile(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,3}")
VENDOR = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Z0-9])"
    r"|gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{22,255}|gl(?:pat|dt|rt|cbt)-[\w-]{20,255}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,255}|xapp-[A-Za-z0-9-]{10,255}"
    r"|[sr]k_(?:live|test)_[A-Za-z0-9]{10,255}|whsec_[A-Za-z0-9+/=]{10,255}"
    r"|AIza[\w-]{35}|ya29\.[\w.-]{20,1024}|GOCSPX-[\w-]{20,64}"
    r"|sk-[A-Za-z0-9_-]{20,255}|hf_[A-Za-z0-9]{30,64}|npm_[A-Za-z0-9]{36}|pypi-[\w-]{40,255}"
    r"|SG\.[\w-]{16,64}\.[\w-]{16,128}|hv[sbr]\.[\w-]{20,255}|dop_v1_[a-f0-9]{64}|dckr_pat_[\w-]{20,64}"
    r"|dapi[0-9a-f]{32}|AGE-SECRET-KEY-1[A-Z0-9]{58}"
    r")"
)
WEBHOOK = re.compile(r"(hooks\.slack\.com/(?:services|workflows|triggers)/)([\w/-]{10,255})")
URL_PASSWORD = re.compile(r"(://[^\s/@:\"'<>]{0,256}:)([^\s/\"'<>]{1,512})(@)")
URL_TOKEN = re.compile(r"(://)([^\s/@:\"'<>\[\]]{16,512})(@)")
MYSQL_DSN = re.compile(r"(?<![\w.-])([\w.-]{1,64}:)([^\s:@/\[]{1,128})(@(?:tcp|unix)\()")
HEADER = re.compile(
    r"(?i)\b((?:proxy-)?authorization|x-(?:api-key|auth-token|vault-token|amz-security-token)|(?:set-)?cookie)"
    r"(\\{0,3}[\"']?[ \t]{0,3}[:=][ \t]{0,3}\\{0,3}[\"']?)((?:bearer|basic|token|digest|negotiate)[ \t]{1,3})?"
    r"([^\r\n\"'\\]{1,8192})"
)
BEARER = re.compile(r"(?i)\b((?:bearer|basic)[ \t]{1,3})(?=[^\s]{0,40}[\d=._+/-])([A-Za-z0-9._~+/-]{12,8192}={0,2})")
OPTION = re.compile(
    r"(?i)(--[\w-]{0,40}(?:password|passwd|token|secret|api-?key)(?:[ \t]{1,3}|\\{0,3}[\"'],[ \t]{0,3}\\{0,3}[\"']))"
    r"(?!-)((?:[^\s\"'\\]|\\(?![\"'])){1,4096})"
)

VALUE = (
    r"(?:(?P<escaped>\\\"[^\"\\]{0,8192}\\\")|(?P<double>\"(?:[^\"\\]|\\.){0,8192}\")|(?P<single>'[^'\n]{0,8192}')"
    r"|(?P<bare>[^\s,;&\"'\\}\])>]{1,8192}))"
)
PAIR = re.compile(
    rf"(?i)(?P<key>(?:{WORDS}){SUFFIX}|(?<=[\"'\s_:])auth|(?<=[?&])sig)"
    rf"(?P<sep>[\\\"'\]]{{0,4}}[ \t]{{0,3}}(?:=>|:=|[:=])[ \t]{{0,3}}){VALUE}"
)
QUOTE = r"\\{0,3}[\"']?"
NAMED = re.compile(
    rf"(?i)(?P<key>\bname{QUOTE}[ \t]{{0,3}}[:=][ \t]{{0,3}}{QUOTE}[\w.-]{{0,64}}(?:{WORDS}){SUFFIX}{QUOTE})"
    rf"(?P<sep>[\s,]{{1,80}}{QUOTE}value{QUOTE}[ \t]{{0,3}}[:=][ \t]{{0,3}}){VALUE}"
)
NEAR = re.compile(
    r"(?i)\b((?:secret|token|passw(?:or)?d|credential|api[ _-]?key|access[ _-]?key)s?"
    r"[ \t]{1,3}(?:(?:is|was)[ \t]{1,3})?)([A-Za-z0-9+/_-]{20,8192}={0,2})"
)
BLOB = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{160,}={0,2}")
SECRET_YAML = re.compile(r"(?m)^([ \t]*)(?:data|stringData):[ \t]*\n((?:\1[ \t]+\S.*(?:\n|$))+)")
YAML_VALUE = re.compile(r"(?m)^([ \t]*[\w.-]{1,253}:[ \t]{1,4})(\S.*)$")
IS_SECRET_YAML = re.compile(r"(?m)^[ \t-]*kind:[ \t]*Secret(?:List)?[ \t]*$")
