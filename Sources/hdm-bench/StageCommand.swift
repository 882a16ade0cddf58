import AMQP
import ArgumentParser
import CRawRelay
import Contracts
import Foundation
import ServiceKit

/// Runs a stage with a handler that does nothing, to measure the costs of a service without its work.
struct StageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stage", abstract: "Runs a stage with a no-op handler; started by `pipeline`.",
        shouldDisplay: false)

    @Argument var stage: String

    func run() async throws {
        guard let stage = Stage(rawValue: stage), let name = ServiceName(rawValue: self.stage) else {
            throw ValidationError("there is no stage '\(self.stage)'")
        }
        let runtime = try ServiceRuntime(name, try await Settings.load())
        let build: ServiceHost.Build = { [StageWorker(NoOpHandler(stage: stage), runtime: $0), ServiceHTTP($0)] }
        try await ServiceHost([(runtime, build)]).run()
    }
}

struct NoOpHandler: StageHandler {
    let stage: Stage

    func handle(_ job: JobDocument, _ context: JobContext) async throws -> Outcome { .completed(job) }
}

/// Runs a stage as a plain loop in C, for comparison.
struct RawStageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "raw-stage", abstract: "Runs a stage as a plain loop in C; started by `pipeline`.",
        shouldDisplay: false)

    @Argument var stage: String
    @Argument var prefetch: Int

    func run() throws {
        guard let stage = Stage(rawValue: stage) else { throw ValidationError("there is no stage '\(self.stage)'") }
        let address = try BrokerAddress(url: ProcessInfo.processInfo.environment["HDM_AMQP_URL"] ?? "")
        let problem = Self.relay(address, stage, prefetch)
        throw ValidationError("the loop ended: \(problem)")
    }

    private static func relay(_ address: BrokerAddress, _ stage: Stage, _ prefetch: Int) -> String {
        let texts: [String: String] = [
            "host": address.host, "vhost": address.vhost, "user": address.user, "password": address.password,
            "queue": QueueName.work(stage), "started": "job.\(stage.rawValue).started",
            "completed": "job.\(stage.rawValue).completed",
        ]
        var copies = texts.compactMapValues { strdup($0) }
        if let next = stage.next { copies["next"] = strdup(RoutingKey.job(next, priority: 6)) }
        defer { for copy in copies.values { free(copy) } }
        func text(_ name: String) -> UnsafePointer<CChar>? { copies[name].map { UnsafePointer($0) } }
        var raw = hdm_raw_stage(
            host: text("host"), port: Int32(address.port), vhost: text("vhost"), user: text("user"),
            password: text("password"), queue: text("queue"), next_key: text("next"), started_key: text("started"),
            completed_key: text("completed"), prefetch: Int32(prefetch))
        return String(cString: hdm_raw_relay(&raw))
    }
}
