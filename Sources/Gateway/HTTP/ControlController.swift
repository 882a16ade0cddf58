import Contracts
import Files
import Hummingbird
import Logging
import ServiceKit

/// `/api/v1/control`: pauses and resumes the consumption of messages. Running jobs continue.
struct ControlController: Sendable {
    let pauses: PauseMarkers
    let logger: Logger

    var endpoints: RouteCollection<BasicRequestContext> {
        let routes = RouteCollection(context: BasicRequestContext.self)
        routes.get(use: list)
        routes.post(":stage/pause", use: pause)
        routes.post(":stage/resume", use: resume)
        return routes
    }

    struct PauseList: Encodable, Sendable {
        var paused: [Pause]
    }

    struct Pause: Encodable, Sendable {
        /// A service, or `all`.
        var stage: String
        var by: String
        var at: Timestamp?
        /// The command that ends the pause by itself.
        var command: String?
    }

    struct ControlResponse: Encodable, Sendable {
        enum Status: String, Encodable, Sendable { case paused, resumed }

        var status: Status
        var stage: String
        /// Whether this request changed anything.
        var changed: Bool
    }

    @Sendable private func list(
        _ request: Request, _ context: BasicRequestContext
    ) async throws -> JSONResponse<PauseList> {
        let markers = try await onVolume { try pauses.markers() } ?? []
        return JSONResponse(
            PauseList(
                paused: markers.map { Pause(stage: $0.scope.name, by: $0.by, at: $0.at, command: $0.command) }))
    }

    @Sendable private func pause(
        _ request: Request, _ context: BasicRequestContext
    ) async throws -> JSONResponse<ControlResponse> {
        let (scope, client) = (try scope(context), request.client.name)
        let changed = try await onVolume {
            // A repetition keeps the person and the time of the first request.
            guard try !isPaused(scope) else { return false }
            try pauses.pause(scope, by: client)
            return true
        }
        return respond(.paused, scope, changed, by: client)
    }

    @Sendable private func resume(
        _ request: Request, _ context: BasicRequestContext
    ) async throws -> JSONResponse<ControlResponse> {
        let scope = try scope(context)
        let changed = try await onVolume { try pauses.resume(scope) }
        return respond(.resumed, scope, changed, by: request.client.name)
    }

    private func isPaused(_ scope: PauseMarkers.Scope) throws -> Bool {
        try pauses.markers()?.contains { $0.scope == scope && $0.command == nil } ?? false
    }

    private func respond(
        _ status: ControlResponse.Status, _ scope: PauseMarkers.Scope, _ changed: Bool, by client: String
    ) -> JSONResponse<ControlResponse> {
        if changed {
            logger.log(
                event: .consumptionChanged, "a person changed the consumption of messages",
                metadata: ["scope": .string(scope.name), "status": .string(status.rawValue), "by": .string(client)])
        }
        return JSONResponse(ControlResponse(status: status, stage: scope.name, changed: changed))
    }

    private func scope(_ context: BasicRequestContext) throws(APIError) -> PauseMarkers.Scope {
        guard let scope = context.pathPart("stage").flatMap({ PauseMarkers.Scope($0) }) else {
            let names = ["all"] + ServiceName.allCases.map(\.rawValue)
            throw APIError(.notFound, "the stage must be one of \(names.joined(separator: ", "))")
        }
        return scope
    }

    private func onVolume<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        do {
            return try await BlockingPool.markers.run(within: .seconds(5), body)
        } catch {
            throw APIError(.dependencyError, "the shared volume cannot be used: \(error)")
        }
    }
}
