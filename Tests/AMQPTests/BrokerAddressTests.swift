import AMQP
import Testing

struct BrokerAddressTests {
    @Test func `an address has user, password, host, port and virtual host`() throws {
        let address = try BrokerAddress(url: "amqp://bob:s%40cret@mq.example:5673/music")
        #expect(
            address
                == BrokerAddress(
                    host: "mq.example", port: 5673, user: "bob", password: "s@cret", vhost: "music", usesTLS: false))
    }

    @Test(arguments: [
        ("amqp://h", "/"), ("amqp://h/", "/"), ("amqp://h/%2f", "/"), ("amqp://h/%2F", "/"), ("amqp://h/a%2fb", "a/b"),
        ("amqp://h/v%20w", "v w"),
    ])
    func `the virtual host is read from the path`(url: String, vhost: String) throws {
        #expect(try BrokerAddress(url: url).vhost == vhost)
    }

    @Test func `the default port depends on the scheme`() throws {
        #expect(try BrokerAddress(url: "amqp://h").port == 5672)
        let secure = try BrokerAddress(url: "amqps://h")
        #expect(secure.port == 5671)
        #expect(secure.usesTLS)
    }

    @Test func `an IPv6 address loses its brackets`() throws {
        #expect(try BrokerAddress(url: "amqp://[::1]:5672").host == "::1")
    }

    @Test func `several addresses are separated by commas`() throws {
        let addresses = try BrokerAddress.list("amqp://a:1/x, amqp://b:2/x,amqps://c/x")
        #expect(addresses.map(\.host) == ["a", "b", "c"])
        #expect(addresses.map(\.port) == [1, 2, 5671])
    }

    @Test(arguments: [
        "", "h", "http://u:hunter2@h", "amqp://", "amqp://u:hunter2@", "amqp://u:hunter2@h/a/b", "amqp://u:hunter2@h:0",
        "amqp://u:hunter2@h:65536", "amqp://u:hunter2@h:99999999999", "amqp://u:hunter2@h:port",
        "amqp://u:hunter2@h/%zz",
        "amqp://u:hunter2@h ost",
    ])
    func `an invalid address is refused without revealing its password`(url: String) {
        let error = #expect(throws: AMQPError.self) { try BrokerAddress.list(url) }
        #expect(error?.code == .invalidAddress)
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test func `the description of an address has no user and no password`() throws {
        let text = try BrokerAddress(url: "amqp://bob:hunter2@h/v").description
        #expect(text == "h:5672 vhost v")
    }
}
