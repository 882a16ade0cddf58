import Contracts
import Hummingbird
import ServiceKit

/// `/api/health`: the liveness and readiness of the gateway.
struct HealthController: Sendable {
    let readiness: Readiness

    var endpoints: RouteCollection<BasicRequestContext> {
        let routes = RouteCollection(context: BasicRequestContext.self)
        routes.get("live") { _, _ in JSONResponse(["status": "ok"]) }
        routes.get("ready", use: ready)
        return routes
    }

    @Sendable private func ready(_ request: Request, _ context: BasicRequestContext) -> JSONResponse<HealthResponse> {
        let report = readiness.report()
        let isVerbose = ["1", "true", "yes"].contains(request.query("verbose"))
        let response = HealthResponse(status: report.ok ? "ok" : "unavailable", checks: isVerbose ? report.checks : nil)
        return JSONResponse(response, status: report.ok ? .ok : .serviceUnavailable)
    }

    struct HealthResponse: Encodable, Sendable {
        var status: String
        /// Every check by name, with a reason if it fails.
        var checks: [String: ReadinessReport.Check]?
    }
}
