import Contracts
import Hummingbird
import ServiceKit

/// `/api/health`: whether the gateway lives and can work, for supervisors of the whole system.
struct HealthController: Sendable {
    let readiness: Readiness

    var endpoints: RouteCollection<BasicRequestContext> {
        let routes = RouteCollection(context: BasicRequestContext.self)
        routes.get("live") { _, _ in JSONResponse(["status": "ok"]) }
        routes.get("ready", use: ready)
        return routes
    }

    @Sendable private func ready(_ request: Request, _ context: BasicRequestContext) -> JSONResponse<Answer> {
        let report = readiness.report()
        let isVerbose = ["1", "true", "yes"].contains(request.query("verbose"))
        let answer = Answer(status: report.ok ? "ok" : "unavailable", checks: isVerbose ? report.checks : nil)
        return JSONResponse(answer, status: report.ok ? .ok : .serviceUnavailable)
    }

    struct Answer: Encodable, Sendable {
        var status: String
        /// Every check by name, with its reason where it fails.
        var checks: [String: ReadinessReport.Check]?
    }
}
