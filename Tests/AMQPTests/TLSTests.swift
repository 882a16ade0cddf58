import AMQP
import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct TLSTests {
    @Test func `a connection needs a certificate of a trusted authority with the right host name`() async throws {
        let port = try TCPGate.freePort()
        try await BrokerNode.run {
            try await Certificates.create(in: $0)
            return """
                listeners.ssl.1 = 127.0.0.1:\(port)
                ssl_options.cacertfile = \($0.path("ca.pem"))
                ssl_options.certfile = \($0.path("server.pem"))
                ssl_options.keyfile = \($0.path("server.key"))
                ssl_options.verify = verify_peer
                ssl_options.fail_if_no_peer_cert = false

                """
        } _: { node, folder in
            let valid = "amqps://localhost:\(port)"
            try await withConnection(to: valid) {
                $0.tls.caFile = folder.path("ca.pem")
            } _: { connection in
                try await connection.declareQueue("q")
                try await connection.send((0..<2000).map { String($0) }, to: "q")
                try await connection.publish(Message(body: Data(count: 3_000_000)), to: "", key: "q")
                #expect(try await connection.status(of: "q").ready == 2001)
                let subscription = try await connection.subscribe(to: "q", prefetch: 500)
                for _ in 0..<2001 { try await subscription.read(1)[0].ack() }
            }
            try await withConnection(to: valid) {
                $0.tls.caFile = folder.path("ca.pem")
                $0.tls.certificateFile = folder.path("client.pem")
                $0.tls.keyFile = folder.path("client.key")
            } _: {
                try await $0.waitUntilOpen(timeout: .seconds(20))
            }
            for (url, authority) in [
                (valid, "other-ca.pem"), ("amqps://127.0.0.1:\(port)", "ca.pem"), (valid, "none.pem"),
                (node.url.replacing("amqp:", with: "amqps:"), "ca.pem"),
            ] {
                try await withConnection(to: url) {
                    $0.tls.caFile = folder.path(authority)
                    $0.connectTimeout = .seconds(3)
                } _: { connection in
                    let error = await amqpError { try await connection.waitUntilOpen(timeout: .seconds(4)) }
                    #expect(error?.code == .tlsFailed, "\(url) \(authority): \(String(describing: error))")
                }
            }
        }
    }
}

/// The certificates of an authority, a server named `localhost`, a client, and another authority.
private enum Certificates {
    static func create(in folder: TemporaryFolder) async throws {
        try await authority("ca", folder)
        try await authority("other-ca", folder)
        try await certificate("server", "localhost", folder)
        try await certificate("client", "hdm", folder)
    }

    private static func authority(_ name: String, _ folder: TemporaryFolder) async throws {
        try await openssl([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=\(name)", "-keyout",
            folder.path("\(name).key"), "-out", folder.path("\(name).pem"),
        ])
    }

    private static func certificate(_ name: String, _ host: String, _ folder: TemporaryFolder) async throws {
        try await openssl([
            "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=\(host)", "-addext", "subjectAltName=DNS:\(host)",
            "-keyout", folder.path("\(name).key"), "-out", folder.path("\(name).csr"),
        ])
        try await openssl([
            "x509", "-req", "-days", "2", "-in", folder.path("\(name).csr"), "-CA", folder.path("ca.pem"), "-CAkey",
            folder.path("ca.key"), "-CAcreateserial", "-copy_extensions", "copy", "-out", folder.path("\(name).pem"),
        ])
    }

    private static func openssl(_ arguments: [String]) async throws {
        _ = try await ChildProcess.run("/usr/bin/openssl", arguments)
    }
}
