import AMQP
import Contracts
import Foundation
import Logging
import ServiceLifecycle
import TestSupport
import Testing

@testable import ServiceKit

struct ServiceHostTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func runtime(_ url: String, _ environment: [String: String] = [:]) throws -> ServiceRuntime {
        let folder = FileManager.default.temporaryDirectory.path
        let variables = environment.merging(["HDM_AMQP_URL": url, "DOWNLOADS_DIR": folder]) { $1 }
        return try ServiceRuntime(.match, Settings(environment: variables), logger: logger)
    }

    private func connection(_ url: String) throws -> AMQPConnection {
        AMQPConnection(
            ConnectionConfiguration(addresses: try BrokerAddress.list(url), name: "observer"), logger: logger)
    }

    @Test(
        .enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"),
        arguments: [
            ([:], "x-dead-letter"), (["x-max-priority": 5], "x-max-priority"),
            (["x-dead-letter-exchange": "elsewhere"], "x-dead-letter-exchange"),
        ] as [(FieldTable, String)])
    func `A queue with other arguments stops the start and the difference is named`(
        _ arguments: FieldTable, _ name: String
    ) async throws {
        try await withVhost { vhost in
            let observer = try connection(vhost.url)
            // The arguments differ in one: the broker names the first that differs.
            var all = FieldTable(Topology(.classic).queue("hdm.q.match")?.arguments ?? [:])
            if arguments.isEmpty { all = [:] }
            all.merge(arguments) { $1 }
            try await observer.declare([.queue("hdm.q.match", arguments: all)])
            let runtime = try runtime(vhost.url)
            let handler = ScriptedHandler { job, _ in .completed(job) }
            let build: ServiceHost.Build = { [StageWorker(handler, runtime: $0)] }
            let host = ServiceHost([(runtime, build)])
            let failure = await #expect(throws: AMQPError.self) { try await host.run() }
            #expect(failure?.code == .preconditionFailed)
            #expect(failure?.message.contains(name) == true)
            #expect(failure?.message.contains("hdm.q.match") == true)
            #expect(runtime.consuming.status == .closed)
            #expect(runtime.publishing.status == .closed)
            await observer.close()
        }
    }

    @Test(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
    func `A service declares the whole topology, on an empty broker and on one that has it`() async throws {
        try await withVhost { vhost in
            for _ in 0..<2 {
                let runtime = try runtime(vhost.url)
                let group = ServiceGroup(services: [RuntimeService(runtime)], logger: logger)
                try await withThrowingTaskGroup { tasks in
                    tasks.addTask { try await group.run() }
                    try await eventually("the service is ready") { runtime.readiness.isReady }
                    let last = try await vhost.management.requestIfPresent(
                        "GET", ["bindings", vhost.name, "e", "hdm.events", "q", "hdm.events.progress"])
                    #expect(last != nil)
                    await group.triggerGracefulShutdown()
                    try await tasks.waitForAll()
                }
                #expect(runtime.consuming.status == .closed)
            }
        }
    }

    @Test func `A shutdown that hangs ends the process after its limit`() async throws {
        struct Hanging: Service {
            let door: Door
            func run() async throws { try? await door.pass() }
        }
        let (door, hasEnded) = (Door(), Shared(false))
        let watchdog = ShutdownWatchdog(limit: .milliseconds(20), logger: logger) { hasEnded.change { $0 = true } }
        let group = ServiceGroup(services: [Hanging(door: door), watchdog], logger: logger)
        let running = Task { try await group.run() }
        #expect(!hasEnded.value)
        await group.triggerGracefulShutdown()
        try await eventually("the process is ended") { hasEnded.value }
        door.open()
        try await running.value
    }

    @Test func `A start that does not end is reported until it ends`() async throws {
        let lines = Shared<[String]>([])
        let logger = Logger(label: "test") { _ in
            LineLogHandler(service: "match", level: .info, format: .text) { line in lines.change { $0.append(line) } }
        }
        let settings = Settings(environment: ["HDM_AMQP_URL": "amqp://127.0.0.1:1/"])
        let runtime = try ServiceRuntime(.match, settings, logger: logger)
        let count = { lines.value.count { $0.contains("has not started yet") } }
        let value = try await ServiceHost.reportingDelays(runtime, every: .milliseconds(5)) {
            try await eventually("there are two reports") { count() >= 2 }
            return 42
        }
        #expect(value == 42)
        await runtime.close()
    }

    @Test func `A service that stops while it waits for the broker ends without an error`() async throws {
        let runtime = try runtime("amqp://127.0.0.1:1/")
        let handler = ScriptedHandler { job, _ in .completed(job) }
        let group = ServiceGroup(
            services: [RuntimeService(runtime), StageWorker(handler, runtime: runtime)], logger: logger)
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            try await eventually("the failed connection is reported") {
                runtime.readiness.report().checks["broker"]?.reason?.contains("no connection") == true
            }
            #expect(!runtime.readiness.isReady)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        #expect(runtime.consuming.status == .closed)
    }

    @Test(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
    func `When another service of the process fails, handlers are cancelled and their jobs return to the queue`()
        async throws
    {
        struct Failing: Service {
            let door: Door
            func run() async throws {
                try await door.pass()
                throw CocoaError(.fileNoSuchFile)
            }
        }
        try await withVhost { vhost in
            let (runtime, door, observer) = (try runtime(vhost.url), Door(), try connection(vhost.url))
            try await observer.declare(Topology(.classic).declarations)
            let handler = ScriptedHandler { job, _ in
                try await Door().pass()
                return .completed(job)
            }
            let services: [any Service] = [
                RuntimeService(runtime), StageWorker(handler, runtime: runtime), Failing(door: door),
            ]
            let group = ServiceGroup(services: services, logger: logger)
            await #expect(throws: CocoaError.self) {
                try await withThrowingTaskGroup { tasks in
                    tasks.addTask { try await group.run() }
                    try await runtime.publisher.publish(.sample(), to: .match, JobEnvelope())
                    try await eventually("the handler runs") { handler.running == 1 }
                    door.open()
                    try await tasks.waitForAll()
                }
            }
            #expect(handler.running == 0)
            // Not in a retry queue: the handler was cancelled, and did not end by itself.
            try await eventually("the job is in its queue again") {
                try await observer.status(of: "hdm.q.match").ready == 1
            }
            await observer.close()
        }
    }
}
