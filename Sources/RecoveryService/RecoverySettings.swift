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
    /// The most messages that one pass over the dead-letter queues holds. `HDM_DLQ_SURVEY_LIMIT`, default 5000.
    var holdLimit = 5000
    /// The time between two reconciliations of the index. `HDM_DLQ_SURVEY_S`, default 600.
    var reconcileInterval: Duration = .seconds(600)
    /// How long the index keeps entries of messages that left their queue. `HDM_DLQ_RETENTION_DAYS`, default 90.
    var retentionDays = 90

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
    }
}
