package image

import (
	"strings"
	"sync"

	"github.com/dockvet/dockvet/plan"
)

// Local reports whether r has the form of a Docker official image and is none: most often an image that another step builds,
// or a named build context.
func Local(r plan.Ref) bool {
	name := r.Official()
	return name != "" && r.Registry == "docker.io" && !officialNames()[name]
}

// officialNames are the folders of docker-library/official-images (Apache-2.0) at 37079fb, 2026-08-21, and those that were
// among them before.
var officialNames = sync.OnceValue(func() map[string]bool {
	const current = "adminer aerospike almalinux alpine alt amazoncorretto amazonlinux api-firewall arangodb archlinux azul-zulu backdrop " +
		"bash bonita buildpack-deps busybox caddy cassandra chronograf cirros clearlinux clefos clickhouse clojure composer convertigo " +
		"couchbase couchdb crate dart debian docker drupal eclipse-mosquitto eclipse-temurin eggdrop elasticsearch elixir emqx erlang " +
		"espocrm fedora flink fluentd friendica gazebo gcc geonetwork ghost golang gradle groovy haproxy haskell haxe hello-world hitch " +
		"httpd hylang ibm-semeru-runtimes ibmjava influxdb irssi jetty joomla jruby julia kapacitor kibana kong krakend lightstreamer " +
		"liquibase logstash mageia mariadb matomo maven mediawiki memcached mongo mongo-express monica mysql nats neo4j neurodebian " +
		"nextcloud nginx nim node notary odoo open-liberty openjdk oraclelinux orientdb percona perl photon php php-zendserver phpmyadmin " +
		"plone postfixadmin postgres pypy python r-base rabbitmq rakudo-star redis redmine registry rethinkdb rocket.chat rockylinux ros " +
		"ruby rust sapmachine satosa silverpeas solr sonarqube spark spiped storm swift swipl teamspeak telegraf tomcat tomee traefik " +
		"ubuntu unit varnish websphere-liberty wordpress xwiki yourls znc zookeeper"
	const former = "adoptopenjdk celery centos consul crux django euleros express-gateway fsharp glassfish hipache iojs java jobber " +
		"known kaazing-gateway mono nats-streaming nuxeo opensuse owncloud piwik python-pypy rails rapidoid sentry sl sourcemage swarm " +
		"thrift ubuntu-debootstrap ubuntu-upstart vault"
	names := map[string]bool{}
	for _, list := range []string{current, former} {
		for name := range strings.FieldsSeq(list) {
			names[name] = true
		}
	}
	return names
})
