//! The texts in English.

use super::{Scene, Texts};

/// English.
pub(in crate::pages) static EN: Texts = Texts {
    name: "English",
    tag: "en",
    switch: "Show this page in English",
    test_mode: "Test mode: no real money moves.",
    foot: "The payment is made from your Payoneer balance. Your Payoneer password is asked for only on Payoneer’s own page.",

    pay_to: "Pay to",
    amount: "Amount",
    description: "For",
    reference: "Reference",

    authorize: Scene {
        heading: "Connect your Payoneer account",
        text: "Before you can pay, allow this merchant once at Payoneer. Log in there, or sign up if you have no account. Nothing is charged yet; you come back here and confirm.",
    },
    authorize_again: Scene {
        heading: "Connect your Payoneer account again",
        text: "The earlier permission is no longer valid. Allow the merchant again at Payoneer to go on. Nothing is charged yet.",
    },
    in_review: Scene {
        heading: "Payoneer is checking your account",
        text: "This can take some minutes, at times longer. Nothing has been charged. You may leave this page open, or come back to this address later.",
    },
    suspended: Scene {
        heading: "Payoneer has blocked this account",
        text: "It cannot be used to pay at the moment, and nothing has been charged. Please ask Payoneer’s support.",
    },
    declined: Scene {
        heading: "Payoneer did not approve",
        text: "The permission was declined, so nothing can be paid. Nothing has been charged.",
    },
    confirm: Scene {
        heading: "Confirm your payment",
        text: "Your Payoneer account is connected. Please check the amount.",
    },
    processing: Scene {
        heading: "Your payment is being processed",
        text: "We are waiting for Payoneer’s answer. Please do not pay a second time: whatever happens, this payment is made at most once.",
    },
    paid: Scene { heading: "Paid", text: "Thank you. You are being taken back to the merchant." },
    refunded: Scene {
        heading: "This payment was given back",
        text: "The money is returning to your Payoneer balance.",
    },
    expired: Scene {
        heading: "This payment page has expired",
        text: "Nothing has been charged. Please start again at the merchant.",
    },
    failed: Scene { heading: "The payment was not made", text: "No money was taken." },
    not_sent: Scene {
        heading: "Payoneer could not be reached",
        text: "Nothing was sent and no money was taken. Please try again in a moment.",
    },
    canceled: Scene {
        heading: "This payment was withdrawn",
        text: "No money was taken. You may pay again or go back.",
    },
    leaving: Scene { heading: "Taking you to Payoneer", text: "You come back here when you are done." },
    returning: Scene {
        heading: "Waiting for Payoneer",
        text: "Payoneer has not confirmed the connection of your account yet. As a rule this takes a few seconds. If you left Payoneer’s page before the end, go back to it and finish there.",
    },
    not_authorized: Scene {
        heading: "Your account is not connected",
        text: "The permission has ended or was withdrawn. Please start again at the merchant.",
    },
    not_found: Scene {
        heading: "There is no such page",
        text: "The address is incomplete or no longer valid. Please use the link from the merchant once more.",
    },
    foreign_form: Scene {
        heading: "Please start from the payment page",
        text: "This request did not come from our own page, so nothing was done. Open the payment page and use the button there.",
    },
    unavailable: Scene {
        heading: "Not available at the moment",
        text: "Please look again in a moment. If you have just paid, do not worry: no payment is ever made twice.",
    },
    unpayable: Scene {
        heading: "This payment cannot be made",
        text: "No money was taken. Please go back to the merchant and ask for a new payment page.",
    },

    looking: "This page looks again by itself.",
    stopped_looking: "It is taking longer than usual. You may close this page: the merchant is told of the result.",
    consent: |merchant| format!("By paying you let {merchant} take this one amount from your Payoneer balance."),

    pay: |money| format!("Pay {money}"),
    authorize_button: "Authorise with Payoneer",
    try_again: |money| format!("Try again: pay {money}"),
    look_again: "Look again",
    go_on: "Continue",
    back_to_payoneer: "Back to Payoneer’s page",
    back_to_payment: "Back to the payment",
    back_to: |merchant| format!("Back to {merchant}"),

    reason_balance: "Your Payoneer balance is too low. Add money to it, then try again.",
    reason_currency: "Payoneer does not accept this amount or currency for your account.",
    reason_account: "Your Payoneer account is not active. Please ask Payoneer’s support.",
    reason_authorization: "Payoneer no longer has your permission for this merchant.",
    reason_other: "Payoneer refused the payment.",
    audit: |number| format!("Payoneer’s number for this: {number}"),
    request: |id| format!("If you ask for help, name this number: {id}"),
};
