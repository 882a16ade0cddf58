import Contracts
import DownloadService
import Gateway
import MatchService
import MoveService
import PlannerService
import RecoveryService
import ServiceKit
import TagService

/// All services with the functions that build their parts.
enum ServiceCatalog {
    static func build(_ service: ServiceName) -> ServiceHost.Build {
        switch service {
        case .gateway: Gateway.build
        case .match: { try await Match.build($0) }
        case .download: { try await Download.build($0) }
        case .tag: Tag.build
        case .move: Move.build
        case .recovery: Recovery.build
        case .planner: Planner.build
        }
    }

    /// Runs one service in this process.
    static func run(_ service: ServiceName) async throws {
        let runtime = try ServiceRuntime(service, try await Settings.load())
        try await ServiceHost([(runtime, build(service))], endsProcess: true).run()
    }
}
