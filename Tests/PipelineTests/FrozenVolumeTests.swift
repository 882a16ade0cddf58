import Contracts
import Foundation
import TestSupport
import Testing

/// A volume whose server is gone stops the work on it and nothing else.
@Suite(
    .enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"),
    .enabled(if: FrozenVolume.isPossible, "this user cannot mount FUSE volumes"))
struct FrozenVolumeTests {
    @Test
    func `While the downloads volume hangs the gateway accepts, publishes and answers, and work goes on after it`()
        async throws
    {
        try await withVhost { vhost in
            try await ServiceStack.run(brokerURL: vhost.url) { stack in
                let collection = try Collection(count: 5, in: stack.source)
                let services = try AllServicesProcess(
                    stack, brokerURL: vhost.url, output: FileHandle.nullDevice)
                defer { services.kill() }
                try await eventually("the gateway is ready") { try await stack.status(of: "/ready") == 200 }
                let volume = try FrozenVolume(over: stack.downloads.path)
                defer { volume.thaw() }
                try await eventually("the check of the volume fails") {
                    let report = try ContractCoding.decode(
                        JSONValue.self, from: try await stack.request(.get, "/ready").body)
                    let reason = report["checks"]?["downloads"]?["reason"]?.stringValue
                    return reason?.contains("did not finish in 5 s") == true
                }
                let response = try await stack.submit(collection.submission)
                try await eventually("the outbox published the jobs") { try await vhost.depth(of: "hdm.q.match") == 5 }
                for path in ["/live", "/metrics", "/api/v1/downloads"] {
                    #expect(try await stack.status(of: path) == 200)
                }
                volume.thaw()
                #expect(try await stack.waitForEnd(of: response) == Array(repeating: "completed", count: 5))
                #expect(try await services.stop() == 0)
            }
        }
    }

    @Test func `A process whose folder of databases hangs answers, and ends on SIGTERM`() async throws {
        try await withVhost { vhost in
            try await ServiceStack.run(brokerURL: vhost.url) { stack in
                let services = try AllServicesProcess(
                    stack, brokerURL: vhost.url, output: FileHandle.nullDevice)
                defer { services.kill() }
                try await eventually("the gateway is ready") { try await stack.status(of: "/ready") == 200 }
                let volume = try FrozenVolume(over: stack.folder.path("state"))
                defer { volume.thaw() }
                try await eventually("the check of the database fails") {
                    try await stack.status(of: "/ready") == 503
                }
                #expect(try await stack.status(of: "/live") == 200)
                #expect(try await stack.status(of: "/metrics") == 200)
                // Not a SIGKILL of the test.
                #expect(try await services.stop() != nil)
            }
        }
    }

    @Test func `Services stop on SIGTERM while the downloads volume hangs`() async throws {
        try await withVhost { vhost in
            try await ServiceStack.run(brokerURL: vhost.url) { stack in
                let services = try AllServicesProcess(
                    stack, brokerURL: vhost.url, output: FileHandle.nullDevice)
                defer { services.kill() }
                try await eventually("the gateway is ready") { try await stack.status(of: "/ready") == 200 }
                let volume = try FrozenVolume(over: stack.downloads.path)
                defer { volume.thaw() }
                try await eventually("the check of the volume fails") { try await stack.status(of: "/ready") == 503 }
                #expect(try await services.stop() == 0)
            }
        }
    }
}
