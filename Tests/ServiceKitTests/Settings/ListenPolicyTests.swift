import Contracts
import Foundation
import ServiceKit
import TestSupport
import Testing

struct ListenPolicyTests {
    private func host(_ environment: [String: String], for service: ServiceName = .recovery) throws -> String {
        try ServiceSettings(Settings(environment: environment), for: service).httpHost
    }

    @Test(arguments: ServiceName.allCases)
    func `A service listens on the loopback interface unless another address is set`(_ service: ServiceName) throws {
        #expect(try host([:], for: service) == "127.0.0.1")
        #expect(try host(["HDM_HTTP_HOST": ""], for: service) == "127.0.0.1")
    }

    @Test(arguments: ["127.0.0.1", "127.8.9.10", "localhost", "LOCALHOST", "::1", "[::1]"])
    func `A loopback address needs no key`(_ address: String) throws {
        #expect(try host(["HDM_HTTP_HOST": address]) == address)
    }

    @Test(
        arguments: ["0.0.0.0", "::", "192.168.1.2", "nas.local", "127.0.0.1.example.com", "127.0.0", "127.0.0.256"],
        ServiceName.allCases)
    func `An address that other machines reach is refused without keys, with what to do`(
        _ address: String, _ service: ServiceName
    ) {
        let failure = #expect(throws: SettingsError.self) { try host(["HDM_HTTP_HOST": address], for: service) }
        #expect(failure?.name == "HDM_HTTP_HOST")
        for part in [address, "HARMONY_API_KEYS", "HDM_HTTP_HOST=127.0.0.1", "HDM_OPEN=true"] {
            #expect(failure?.problem.contains(part) == true)
        }
    }

    @Test(arguments: [
        ["HARMONY_API_KEYS": "one,two"], ["HDM_OPEN": "true"], ["HDM_PUBLISHED_ON": "127.0.0.1"],
        ["HDM_PUBLISHED_ON": "::1"],
    ])
    func `Keys, an open installation or a port published on loopback allow it`(_ allowed: [String: String]) throws {
        #expect(try host(allowed.merging(["HDM_HTTP_HOST": "0.0.0.0"]) { $1 }) == "0.0.0.0")
    }

    @Test(arguments: [
        ["HARMONY_API_KEYS": " , ,"], ["HDM_OPEN": "false"], ["HDM_PUBLISHED_ON": "0.0.0.0"],
        ["HDM_PUBLISHED_ON": "192.168.1.2"],
    ])
    func `Empty keys or a port published beyond loopback do not allow it`(_ refused: [String: String]) {
        #expect(throws: SettingsError.self) { try host(refused.merging(["HDM_HTTP_HOST": "0.0.0.0"]) { $1 }) }
    }

    @Test func `Keys in a file count, and a file that is missing is named`() async throws {
        try await withTemporaryFolder { folder in
            try Data("key-one\n".utf8).write(to: folder.file("keys"))
            let environment = ["HDM_HTTP_HOST": "0.0.0.0", "HARMONY_API_KEYS_FILE": folder.path("keys")]
            #expect(try host(environment) == "0.0.0.0")
            let failure = #expect(throws: SettingsError.self) {
                try host(environment.merging(["HARMONY_API_KEYS_FILE": folder.path("missing")]) { $1 })
            }
            #expect(failure?.name == "HARMONY_API_KEYS_FILE")
        }
    }
}
