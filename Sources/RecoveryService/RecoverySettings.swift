import ServiceKit

/// The settings of the recovery service's own.
struct RecoverySettings: Sendable {
    /// The most dead letters one request may send back to work. `DLQ_REQUEUE_LIMIT`, default 500.
    var requeueLimit = 500
    /// The most dead letters one request may drop. `DLQ_PURGE_LIMIT`, default 1000.
    var purgeLimit = 1000
    /// `DLQ_PAGE_SIZE_DEFAULT`, default 25.
    var pageSize = 25
    /// `DLQ_PAGE_SIZE_MAX`, default 100.
    var largestPage = 100
    /// How many messages one look takes out of a parking lot at most, before it gives them back.
    /// `HDM_DLQ_SURVEY_LIMIT`, default 5000.
    var surveyLimit = 5000
    /// How often the parking lots are compared with the index without being asked. `HDM_DLQ_SURVEY_S`, default 600.
    var surveyInterval: Duration = .seconds(600)
    /// How long the index remembers what is parked no more. `HDM_DLQ_RETENTION_DAYS`, default 90.
    var retentionDays = 90

    init() {}

    init(_ settings: Settings) throws(SettingsError) {
        requeueLimit = try settings.integer("DLQ_REQUEUE_LIMIT", default: requeueLimit, in: 1...1000)
        purgeLimit = try settings.integer("DLQ_PURGE_LIMIT", default: purgeLimit, in: 1...5000)
        largestPage = try settings.integer("DLQ_PAGE_SIZE_MAX", default: largestPage, in: 1...500)
        pageSize = try settings.integer(
            "DLQ_PAGE_SIZE_DEFAULT", default: min(pageSize, largestPage), in: 1...largestPage)
        surveyLimit = try settings.integer("HDM_DLQ_SURVEY_LIMIT", default: surveyLimit, in: 1...100_000)
        surveyInterval = try settings.seconds("HDM_DLQ_SURVEY_S", default: surveyInterval, in: 10...86_400)
        retentionDays = try settings.integer("HDM_DLQ_RETENTION_DAYS", default: retentionDays, in: 1...36_500)
    }
}
