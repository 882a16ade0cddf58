import Contracts
import Foundation
import ServiceKit

/// The settings that only the recovery service has.
struct RecoverySettings: Sendable {
    /// The most dead letters that one request may requeue. `DLQ_REQUEUE_LIMIT`, default 500.
    var requeueLimit = 500
    /// The most dead letters that one request may purge. `DLQ_PURGE_LIMIT`, default 1000.
    var purgeLimit = 1000
    /// `DLQ_PAGE_SIZE_DEFAULT`, default 25.
    var pageSize = 25
    /// `DLQ_PAGE_SIZE_MAX`, default 100.
    var largestPage = 100
    /// The most messages of a dead-letter queue that one pass holds. `HDM_DLQ_SURVEY_LIMIT`, default 5000.
    var holdLimit = 5000
    /// The time between two reconciliations of the index. `HDM_DLQ_SURVEY_S`, default 600.
    var reconcileInterval: Duration = .seconds(600)
    /// How long the index keeps entries of messages that left their queue. `HDM_DLQ_RETENTION_DAYS`, default 90.
    var retentionDays = 90

    /// How long the broker may have fewer messages than the gateway has active jobs, and how long nothing may be heard of
    /// a job, before it is searched for. `HDM_SWEEP_PATIENCE_S`, default 600.
    var sweepPatience: Duration = .seconds(600)
    /// The time between two comparisons.
    var sweepInterval: Duration { min(.seconds(60), max(.seconds(1), sweepPatience / 10)) }
    /// `HDM_GATEWAY_URL`, default `http://127.0.0.1:<APP_PORT>`, without a slash at the end.
    var gatewayURL = ""

    init() {}

    /// - Throws: `SettingsError` for the first invalid value.
    init(_ settings: Settings) throws(SettingsError) {
        requeueLimit = try settings.integer("DLQ_REQUEUE_LIMIT", default: requeueLimit, in: 1...1000)
        purgeLimit = try settings.integer("DLQ_PURGE_LIMIT", default: purgeLimit, in: 1...5000)
        largestPage = try settings.integer("DLQ_PAGE_SIZE_MAX", default: largestPage, in: 1...500)
        pageSize = try settings.integer(
            "DLQ_PAGE_SIZE_DEFAULT", default: min(pageSize, largestPage), in: 1...largestPage)
        holdLimit = try settings.integer("HDM_DLQ_SURVEY_LIMIT", default: holdLimit, in: 1...100_000)
        reconcileInterval = try settings.seconds("HDM_DLQ_SURVEY_S", default: reconcileInterval, in: 10...86_400)
        retentionDays = try settings.integer("HDM_DLQ_RETENTION_DAYS", default: retentionDays, in: 1...36_500)
        sweepPatience = try settings.seconds("HDM_SWEEP_PATIENCE_S", default: sweepPatience, in: 1...86_400)
        gatewayURL = try Self.gatewayURL(settings)
    }

    private static func gatewayURL(_ settings: Settings) throws(SettingsError) -> String {
        let port = settings.text("APP_PORT", default: "\(ServiceName.gateway.defaultPort)")
        let text = settings.text("HDM_GATEWAY_URL", default: "http://127.0.0.1:\(port)")
        guard let parts = URLComponents(string: text), ["http", "https"].contains(parts.scheme),
            parts.host?.isEmpty == false, parts.query == nil, parts.fragment == nil
        else { throw SettingsError("HDM_GATEWAY_URL", "must be an absolute http or https address") }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}
