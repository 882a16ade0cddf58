import Contracts
import Foundation
import TestSupport
import Testing

/// A service without a dependency reports it and consumes nothing until the dependency returns.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct ReadinessTests {
    @Test func `a service without its volume reports the volume and consumes nothing until it returns`() async throws {
        try await TestBroker.shared().withVhost { vhost in
            try await ServiceStack.run(brokerURL: vhost.url) { stack in
                let collection = try Collection(count: 5, in: stack.source)
                try await stack.start()
                try await stack.waitUntilReady()
                let away = stack.folder.file("music-unmounted")
                try FileManager.default.moveItem(at: stack.music, to: away)
                let reason = try await failingCheck("music", of: .move, stack)
                #expect(reason.contains(stack.music.path))

                let response = try await stack.submit(collection.submission)
                try await eventually("the jobs wait for the library", timeout: .seconds(60)) {
                    try await vhost.depth(of: "hdm.q.move") == 5
                }
                try FileManager.default.moveItem(at: away, to: stack.music)
                #expect(try await stack.waitForEnd(of: response) == Array(repeating: "completed", count: 5))
            }
        }
    }

    @Test func `a service without its broker reports that and works again when the broker returns`() async throws {
        try await PrivateBroker.run { broker in
            try await ServiceStack.run(brokerURL: broker.url) { stack in
                let collection = try Collection(count: 3, in: stack.source)
                try await stack.start()
                try await stack.waitUntilReady()
                try await broker.kill()
                for service in ServiceName.allCases { _ = try await failingCheck("broker", of: service, stack) }
                // The gateway stores what it accepts, so the jobs start when the broker returns.
                let response = try await stack.submit(collection.submission)
                try await broker.restart()
                #expect(try await stack.waitForEnd(of: response) == Array(repeating: "completed", count: 3))
                try await stack.waitUntilReady()
            }
        }
    }

    @Test func `a service without its database reports the file and consumes nothing until it returns`() async throws {
        try await TestBroker.shared().withVhost { vhost in
            try await ServiceStack.run(brokerURL: vhost.url) { stack in
                let collection = try Collection(count: 3, in: stack.source)
                try await stack.start()
                try await stack.waitUntilReady()
                let (database, away) = (stack.folder.file("state/library.db"), stack.folder.file("library-away.db"))
                try FileManager.default.moveItem(at: database, to: away)
                let reason = try await failingCheck("library index", of: .move, stack)
                #expect(reason.contains("library.db does not exist"))

                let response = try await stack.submit(collection.submission)
                try await eventually("the jobs wait for the index") { try await vhost.depth(of: "hdm.q.move") == 3 }
                try FileManager.default.moveItem(at: away, to: database)
                #expect(try await stack.waitForEnd(of: response) == Array(repeating: "completed", count: 3))
            }
        }
    }

    @Test func `every service exits with 0 within its grace time`() async throws {
        try await TestBroker.shared().withVhost { vhost in
            try await ServiceStack.run(brokerURL: vhost.url) { stack in
                let collection = try Collection(count: 40, in: stack.source)
                try await stack.start()
                try await stack.waitUntilReady()
                let response = try await stack.submit(collection.submission)
                _ = try await stack.waitForEnd(of: response)
                for service in ServiceName.allCases {
                    let megabytes = (await stack.usage(of: service)?.residentBytes ?? 0) / 1_048_576
                    print("resident memory of \(service.rawValue): \(megabytes) MB")
                    #expect(try await stack.stop(service) == 0)
                }
            }
        }
    }

    /// Waits until a check of a service fails.
    /// - Returns: The reason.
    private func failingCheck(_ check: String, of service: ServiceName, _ stack: ServiceStack) async throws -> String {
        try await eventually("the check \(check) of \(service) fails", timeout: .seconds(40)) {
            let response = try await stack.request(.get, "/ready", at: service)
            let report = try ContractCoding.decode(JSONValue.self, from: response.body)
            guard response.status == 503, report["checks"]?[check]?["ok"] == false else { return nil }
            return report["checks"]?[check]?["reason"]?.stringValue
        }
    }
}
