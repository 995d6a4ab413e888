#!/bin/sh
# release-libs.sh 'SOURCES': runs in the throw-away root of release.sh and leaves /static: lib/libcjson.a and curl/.
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C CFLAGS='-O2 -fPIC -ffile-prefix-map=/src=.' SOURCE_DATE_EPOCH=0
mkdir -p /src /static/lib
cd /src
apt-get -qq update
# shellcheck disable=SC2086  # a list
apt-get -qq source $1 >/dev/null
jobs=$(getconf _NPROCESSORS_ONLN)

cd /src/cjson-*/
# shellcheck disable=SC2086  # several options
gcc $CFLAGS -c cJSON.c -o cJSON.o
ar rcsD /static/lib/libcjson.a cJSON.o

# libfyaml carries a copy of xxhash, whose names are those of the library itself: only its own names are left visible.
ld -r -o /tmp/fyaml.o --whole-archive "$(gcc -print-file-name=libfyaml.a)"
objcopy -w --keep-global-symbol='fy_*' /tmp/fyaml.o
ar rcsD /static/lib/libfyaml.a /tmp/fyaml.o

# HTTP and HTTPS, by HTTP/1.1 and HTTP/2, through a proxy if there is one: nothing else. The autotools' own files are as Debian's
# patches leave them; making them anew would need the autotools.
cd /src/curl-*/
touch aclocal.m4 && find . -name Makefile.in -exec touch {} + && touch configure lib/curl_config.h.in
./configure --quiet --prefix=/static/curl --disable-shared --enable-static --disable-dependency-tracking --with-openssl --with-nghttp2 \
	--enable-ares --with-zlib --without-brotli --without-zstd --without-libpsl --without-libidn2 --without-librtmp --without-libssh2 \
	--without-gssapi --without-ca-bundle --without-ca-path --disable-ldap --disable-ldaps --disable-ftp --disable-file --disable-dict \
	--disable-gopher --disable-imap --disable-mqtt --disable-pop3 --disable-rtsp --disable-smb --disable-smtp --disable-telnet \
	--disable-tftp --disable-manual --disable-ntlm --disable-ntlm-wb --disable-cookies --disable-netrc --disable-alt-svc --disable-hsts --disable-doh \
	--disable-aws --disable-libcurl-option --disable-unix-sockets --disable-debug --disable-werror >/tmp/configure.log 2>&1 || {
	tail -n 30 /tmp/configure.log
	exit 1
}
{
	make -s -C lib -j"$jobs"
	make -s -C lib install
	make -s -C include install
	make -s install-pkgconfigDATA
} >/tmp/make.log 2>&1
cd /
rm -rf /src /var/lib/apt/lists/* /var/cache/apt/*.bin /libs.sh /etc/apt/sources.list.d/src.list
