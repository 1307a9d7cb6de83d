"""The fixtures that other tests stand on give what they promise."""

import subprocess
from urllib.parse import urlsplit

import psycopg
import pymysql
from paho.mqtt import client as mqtt_client


def test_a_postgresql_database_of_our_own_is_empty(postgres):
    with psycopg.connect(postgres) as connection:
        count = connection.execute(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
        ).fetchone()
    assert count == (0,)


def test_a_mariadb_database_of_our_own_speaks_chinese(mariadb):
    url = urlsplit(mariadb)
    connection = pymysql.connect(
        host=url.hostname,
        port=url.port,
        user=url.username,
        password=url.password or "",
        database=url.path[1:],
        charset="utf8mb4",
    )
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE person (name varchar(20))")
        cursor.execute("INSERT INTO person VALUES ('王秀英')")
        cursor.execute("SELECT name, char_length(name) FROM person")
        assert cursor.fetchone() == ("王秀英", 3)


def test_the_broker_lets_us_in(mqtt):
    url = urlsplit(mqtt)
    client = mqtt_client.Client(mqtt_client.CallbackAPIVersion.VERSION2)
    assert client.connect(url.hostname, url.port) == mqtt_client.MQTT_ERR_SUCCESS
    client.disconnect()


def test_chromium_tells_its_version(chromium):
    shown = subprocess.run([chromium, "--version"], capture_output=True, text=True, check=True)
    assert shown.stdout.startswith("Chromium")
